import { CONFIDENCE_BINS } from '@flotilla/protocol';
import { emptyHour } from '../../domain/drift/hour-sums.ts';
import { driftOf } from '../../domain/drift/judge.ts';
import { CONFIDENCE, type ReferenceBins } from '../../domain/drift/reference.ts';
import type { DriftSample, PeriodSample } from '../../domain/rollout/gates/samples.ts';
import type { Random } from './random.ts';

/** Answers of a window that carry a confidence, and of the version's reference. */
const ANSWERS = 60;
const REFERENCE = 5_000;

/** What a calibrated confidence promises of one answer differs from the next by so much. */
const PROMISE_SD = 0.1;

/** How unlike the reference a device's answers are for good, and how much that moves between periods: of the logarithm of a bin's share. */
const DEVICE_TILT_SD = 0.1;
const PERIOD_TILT_SD = 0.05;

/** Shares of the confidence as a sound version has them: the surer, the more. */
const SHARES = Array.from({ length: CONFIDENCE_BINS }, (_, bin) => Math.exp(bin / 4));

const reference: ReferenceBins = {
  kind: 'confidence',
  name: CONFIDENCE,
  edges: Array.from({ length: CONFIDENCE_BINS - 1 }, (_, bin) => (bin + 1) / CONFIDENCE_BINS),
  counts: [...SHARES.map((share) => Math.round((REFERENCE * share) / sum(SHARES))), 0],
};

/** What is particular to a device for good. */
export type Tilt = number;

export function tiltOf(random: Random): Tilt {
  return random.normal() * DEVICE_TILT_SD;
}

/**
 * Estimated accuracy and drift of one period, one window more whenever the answer is called. `right` is the true share of right answers,
 * `tilt` moves the answers away from the reference.
 */
export function monitoringOf(period: PeriodSample, random: Random, right: number, tilt: number): () => void {
  const moved = tilt + random.normal() * PERIOD_TILT_SD;
  const shares = SHARES.map((share, bin) => share * Math.exp(moved * (bin / CONFIDENCE_BINS - 0.5) * 4));
  const total = sum(shares);
  const counts: number[] = Array(CONFIDENCE_BINS).fill(0);
  const estimated = { n: 0, bad: 0, windows: 1, burst: 0 };
  period.estimated = estimated;
  let judged: DriftSample | null | undefined;
  // Judged when it is asked for: most windows are never looked at.
  Object.defineProperty(period, 'drift', {
    get: () => {
      if (judged === undefined) judged = driftOf([reference], { ...emptyHour(), confidence: counts });
      return judged ?? undefined;
    },
  });
  return () => {
    for (const [bin, share] of shares.entries())
      counts[bin] = (counts[bin] ?? 0) + random.poisson((ANSWERS * share) / total);
    estimated.n += ANSWERS;
    const promised = ANSWERS * (1 - right) + random.normal() * PROMISE_SD * Math.sqrt(ANSWERS);
    estimated.bad = Math.min(estimated.n, Math.max(0, estimated.bad + promised));
    estimated.burst = estimated.bad ** 2 / estimated.n;
    judged = undefined;
  };
}

function sum(list: readonly number[]): number {
  return list.reduce((total, each) => total + each, 0);
}
