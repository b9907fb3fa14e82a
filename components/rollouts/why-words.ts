import { reasonSentences } from '@flotilla/protocol';
import { statusEntry } from '../status/registry.ts';
import type { DeploymentState, WaveState } from '../status/types.ts';
import { formatCount, formatQuantity, plural } from '../ui/format.ts';

/** The numbers behind a reason, by name; what a code has is in `domain/rollout/why`. */
type Evidence = Readonly<Record<string, unknown>>;

/** The device's own reason inside the evidence: its code, its sentence in the closed list, and what it measured. */
export function ownReason(evidence: object): { code: string; text: string } | null {
  const { code, detail, reason } = evidence as Evidence;
  const known = typeof code === 'string' ? code : typeof reason === 'string' ? reason : null;
  if (known === null) return null;
  const sentence = Object.entries(reasonSentences).find(([each]) => each === known)?.[1];
  const words = [sentence, typeof detail === 'string' ? detail : null].filter((text): text is string => Boolean(text));
  return { code: known, text: [...new Set(words)].join(' ') };
}

/** What was counted or measured, in a few words; empty where the sentence says it all. */
export function evidenceText(evidence: object): string {
  const known = evidence as Evidence;
  const number = (key: string) => (typeof known[key] === 'number' ? (known[key] as number) : null);
  const parts = [
    stateText(known),
    progressText(number('bytes'), number('totalBytes')),
    waveText(number('current'), known.currentState),
    groupText(known),
    roomText(number('moving'), number('most')),
    number('perMinute') === null ? null : `${formatCount(number('perMinute'))} a minute now`,
    number('tries') === null ? null : `told ${plural(number('tries') ?? 0, 'time')} of ${number('of') ?? '?'}`,
    typeof known.cron === 'string' ? `opens at ${known.cron} ${String(known.timeZone)}` : null,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function stateText({ state }: Evidence): string | null {
  return typeof state === 'string' ? statusEntry('deployment', state as DeploymentState).word.toLowerCase() : null;
}

function progressText(bytes: number | null, totalBytes: number | null): string | null {
  return bytes === null || totalBytes === null
    ? null
    : `${formatQuantity(bytes, 'bytes')} of ${formatQuantity(totalBytes, 'bytes')}`;
}

function waveText(current: number | null, state: unknown): string | null {
  if (current === null || typeof state !== 'string') return null;
  return `wave ${current + 1} is ${statusEntry('wave', state as WaveState).word.toLowerCase()}`;
}

function roomText(moving: number | null, most: number | null): string | null {
  return moving === null || most === null ? null : `${formatCount(moving)} of ${formatCount(most)} on their way`;
}

function groupText({ group }: Evidence): string | null {
  return typeof group === 'string' && group !== '' ? group : null;
}
