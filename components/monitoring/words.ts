import type { AccuracyView } from '@/server/queries/accuracy.ts';
import type { DriftView, FeatureDrift } from '@/server/queries/drift.ts';
import { formatQuantity, plural } from '../ui/format.ts';

/** How a feature's state reads, with the mark it has on every page. */
export const stateWords = {
  drifting: { word: 'drifts', glyph: 'triangle', tone: 'attention' },
  off: { word: 'off once', glyph: 'diamond', tone: 'attention' },
  steady: { word: 'steady', glyph: 'dot', tone: 'quiet' },
  few: { word: 'too few samples', glyph: 'dashed-ring', tone: 'unknown' },
} as const;

export function featureTitle({ kind, name }: Pick<FeatureDrift, 'kind' | 'name'>): string {
  if (kind === 'answer') return 'Answers';
  return kind === 'confidence' ? 'Confidence' : name;
}

/** The section's one sentence: what drifts, or that nothing does, or what is waited for. */
export function driftSentence({ reference, window, features, gathering }: DriftView): string {
  if (!reference || features.length === 0) return 'no reference yet';
  if (!window) return `${plural(gathering.samples, 'sample')} of ${gathering.needed} for the first window`;
  const drifting = features.filter(({ state }) => state === 'drifting');
  const known = features.filter(({ state }) => state !== 'few').length;
  if (known === 0) return 'the last window had too few samples of everything';
  if (drifting.length === 0) return `nothing drifts among ${plural(known, 'distribution')}`;
  const [worst] = drifting;
  return `${plural(drifting.length, 'distribution')} of ${known} ${drifting.length === 1 ? 'drifts' : 'drift'}, ${worst ? featureTitle(worst) : ''} most`;
}

export function referenceSentence(reference: NonNullable<DriftView['reference']>): string {
  const samples = plural(reference.samples, 'sample');
  switch (reference.source) {
    case 'registered':
      return 'Compared with the reference that came with the version.';
    case 'samples':
      return `Compared with a reference made of ${samples} at registration.`;
    case 'golden':
      return `Compared with a reference made of ${samples} of the golden file.`;
    case 'learned':
      return `Compared with a reference learned from ${samples} of its first good hours.`;
  }
}

/** Why labels do not tell an accuracy. */
export const untoldWords = {
  sure: 'only unsure answers are labelled, which speak for no others',
  unsure: 'no unsure answer is labelled, and the others do not speak for them',
} as const;

export function accuracySentence({ accuracy, untold, estimate, regression, detection, late }: AccuracyView): string {
  if (accuracy) {
    const words = `${formatQuantity(accuracy.share, 'ratio')} of ${plural(accuracy.n, 'labelled answer')} right`;
    return accuracy.isFew ? `${words}, too few to rely on` : words;
  }
  if (regression)
    return `off by ${formatQuantity(regression.mae, 'share')} on average, of ${plural(regression.n, 'label')}`;
  if (detection) return `${plural(detection.truePositives, 'object')} found`;
  if (untold) return untoldWords[untold];
  if (estimate) return 'estimated only: no label yet';
  return late.reported > 0 ? `${plural(late.reported, 'answer')} wait for labels` : 'nothing to tell yet';
}

/** Below which, between which and above which values a bin lies; its class where bins are classes. */
export function binLabel(
  edges: readonly number[] | null,
  bin: number,
  bins: number,
  classes: readonly string[] | null,
): string {
  if (bin === bins - 1) return edges === null ? 'other' : 'missing';
  if (edges === null) return classes?.[bin] ?? `class ${bin}`;
  const [low, high] = [edges[bin - 1], edges[bin]];
  if (low === undefined) return `below ${short(high)}`;
  return high === undefined ? `from ${short(low)}` : `${short(low)} to ${short(high)}`;
}

function short(value: number | undefined): string {
  return value === undefined ? '' : Number(value.toPrecision(3)).toLocaleString('en-US').replace('-', '−');
}
