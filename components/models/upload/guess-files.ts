import type { UploadPart } from '@/server/services/models/register-version.ts';

/** What a file is in a version, or what its reference is made from: such a file is read, and not kept. */
export type FileRole = UploadPart['role'];

/** Roles in words, for the choice beside each file. */
export const fileRoleWords: Record<FileRole, string> = {
  model: 'Model',
  golden: 'Golden inputs',
  labels: 'Labels',
  'external-data': 'External data',
  reference: 'Reference',
  samples: 'Samples for a reference',
  calibration: 'Probabilities with labels',
};

/** The role a file's name speaks for; one that says nothing carries weights beside the model. */
export function guessRole(path: string): FileRole {
  const name = path.toLowerCase();
  if (name.endsWith('.onnx')) return 'model';
  if (name.endsWith('.json') && name.includes('golden')) return 'golden';
  if (name === 'labels.json' || name.endsWith('/labels.json')) return 'labels';
  if (/\.jsonl?$|\.csv$/.test(name)) return sourceOf(name) ?? 'external-data';
  return 'external-data';
}

function sourceOf(name: string): FileRole | undefined {
  return (['reference', 'calibration', 'samples'] as const).find((role) => name.includes(role));
}

/** Model and version out of a file name: `vibration-fault-2.0.0.onnx`, `resnet_v1.5.onnx`, `detector.onnx`. */
export function guessNames(path: string): { model: string; version: string } {
  const stem = (path.split('/').at(-1) ?? path).replace(/\.onnx$/i, '');
  const match = /^(?<name>.*?)[-_.@]v?(?<version>\d+(?:\.\d+)*(?:[-+.][0-9A-Za-z.-]+)?)$/.exec(stem);
  return { model: toModelName(match?.groups?.name ?? stem), version: match?.groups?.version ?? '' };
}

/** The nearest name a model may have. */
function toModelName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|[._-]+$/g, '')
    .slice(0, 64);
}
