import * as z from 'zod';
import {
  chiSquaredTest,
  joinSparse,
  jsDistance,
  jsEffect,
  lInfinity,
  psi,
  psiThreshold,
  totalOf,
} from './distances.ts';
import { heldAt } from './false-discovery.ts';
import type { HourSums } from './hour-sums.ts';
import { countsOn, driftKinds, likenessIn, type ReferenceBins } from './reference.ts';

/** Share of false discoveries among a window's features, and the level of the PSI's own threshold. */
export const FALSE_DISCOVERIES = 0.05;

/** A difference smaller than this matters to nobody, however sure it is. Jensen–Shannon distance, base 2, net of chance. */
export const MIN_EFFECT = 0.1;

/** Samples that a window needs of a distribution. */
export const MIN_SAMPLES = 200;

/** Of those, independent ones: how many there are is itself known to a third only, so that more would make a window of an hour a rarity. */
const MIN_INDEPENDENT = 100;

export const severities = ['slight', 'moderate', 'strong'] as const;
export type Severity = (typeof severities)[number];

/** What one window says of one distribution: `n` samples against the reference's `m`. `counts` as in {@link ReferenceBins}. */
export const Judged = z.object({
  kind: z.enum(driftKinds),
  name: z.string(),
  n: z.number(),
  /** How many samples stand for one that is independent of the others. */
  likeness: z.number(),
  m: z.number(),
  psi: z.number(),
  psiThreshold: z.number(),
  jsDistance: z.number(),
  effect: z.number(),
  chiSquared: z.number(),
  df: z.number(),
  p: z.number(),
  lInfinity: z.number(),
  /** Different beyond chance, and enough to matter. */
  isOff: z.boolean(),
  counts: z.array(z.number()),
});
export type Judged = z.infer<typeof Judged>;

/** Every distribution of the reference that the window has {@link MIN_SAMPLES} of; `isWhole` when none that was counted is left out. */
export function judgeWindow(
  reference: readonly ReferenceBins[],
  sums: HourSums,
): { judged: Judged[]; isWhole: boolean } {
  const counted = reference.flatMap((bins) => {
    const counts = countsOn(bins, sums);
    return counts && totalOf(bins.counts) > 0 ? [{ bins, counts, likeness: likenessIn(bins, sums) }] : [];
  });
  const measured = counted.flatMap(({ bins, counts, likeness }) => {
    const n = totalOf(counts);
    return n >= MIN_SAMPLES && n / likeness >= MIN_INDEPENDENT ? [measure(bins, counts, likeness)] : [];
  });
  const held = heldAt(
    measured.map(({ p }) => p),
    FALSE_DISCOVERIES,
  );
  const judged = measured.map((each, at) => ({
    ...each,
    isOff: held[at] === true && each.psi > each.psiThreshold && each.effect >= MIN_EFFECT,
  }));
  return { judged, isWhole: measured.length === counted.length };
}

/**
 * How far a device is from the reference, in one number: the distance of what is off most, 0 where nothing is off beyond chance, with the
 * variance that chance gives a distance of so many samples. Null where nothing has enough samples to tell.
 */
export function driftOf(
  reference: readonly ReferenceBins[],
  sums: HourSums,
): { distance: number; variance: number; n: number } | null {
  const { judged } = judgeWindow(reference, sums);
  const [first] = judged;
  if (!first) return null;
  const most = judged.reduce((worst, each) => (offBy(each) > offBy(worst) ? each : worst), first);
  const variance = (most.df * (most.likeness / most.n + 1 / most.m)) / (8 * Math.LN2);
  return { distance: offBy(most), variance, n: most.n };
}

function offBy({ isOff, effect }: Judged): number {
  return isOff ? effect : 0;
}

/** The distance of counts from the reference, net of what chance gives so many independent samples. */
export function effectOf(bins: ReferenceBins, counts: readonly number[], likeness: number): number {
  const { reference, current } = independentOf(bins, counts, likeness);
  return jsEffect(reference, current);
}

export function severityOf(effect: number): Severity {
  if (effect >= 0.3) return 'strong';
  return effect >= 0.2 ? 'moderate' : 'slight';
}

/** Samples that are like the ones before them count for less: all is tested as if only the independent ones were there. */
function independentOf(bins: ReferenceBins, counts: readonly number[], likeness: number) {
  const { likeness: ofReference = 1 } = bins;
  return joinSparse(
    bins.counts.map((count) => count / ofReference),
    counts.map((count) => count / likeness),
  );
}

function measure(bins: ReferenceBins, counts: number[], likeness: number): Omit<Judged, 'isOff'> {
  const { reference, current } = independentOf(bins, counts, likeness);
  const [m, n] = [totalOf(reference), totalOf(current)];
  const { statistic, df, p } = chiSquaredTest(reference, current);
  return {
    kind: bins.kind,
    name: bins.name,
    n: totalOf(counts),
    likeness,
    m,
    psi: psi(reference, current),
    psiThreshold: psiThreshold(n, m, df + 1, FALSE_DISCOVERIES),
    jsDistance: jsDistance(reference, current),
    effect: jsEffect(reference, current),
    chiSquared: statistic,
    df,
    p,
    lInfinity: lInfinity(reference, current),
    counts,
  };
}
