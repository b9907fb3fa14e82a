import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Release, type ReleaseFile } from '@flotilla/protocol';

const models = join(import.meta.dirname, '../../demo-models');

/** A release of a trained demo model, with its files put into `artifacts`. `changes` replace whole top-level fields. */
export function demoRelease(
  artifacts: Map<string, Buffer>,
  version: 1 | 2 | 3,
  changes: Partial<Release> = {},
): Release {
  const add = (name: string, path: string, role: ReleaseFile['role']): ReleaseFile => {
    const bytes = readFileSync(join(models, name));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    artifacts.set(sha256, bytes);
    return { path, sha256, sizeBytes: bytes.length, role };
  };
  const name = `vibration-fault-${version}.0.0`;
  const model = add(`${name}.onnx`, 'model.onnx', 'model');
  return Release.parse({
    id: randomUUID(),
    model: { name: 'vibration-fault', version: `${version}.0.0`, sha256: model.sha256 },
    files: [model, add(`${name}.golden.json`, 'golden.json', 'golden'), add('labels.json', 'labels.json', 'labels')],
    runtime: { kind: 'process' },
    settings: {},
    input: { source: 'synthetic', generator: 'vibration', ratePerS: 50, noise: 0.25 },
    proof: { runs: 30 },
    observe: { seconds: 1 },
    ...changes,
  });
}
