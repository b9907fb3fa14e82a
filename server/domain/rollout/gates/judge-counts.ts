import { evidenceOfFewerHits, evidenceOfMoreHits } from './evidence-of-counts.ts';
import { marginOf } from './evidence-of-mean.ts';
import { type Gate, isAccuracy, opOf } from './gate.ts';
import { burstiness } from './measure.ts';
import type { Counts, DeviceSample, GateSamples, PeriodSample } from './samples.ts';
import { USUAL_ERROR_CHANGE } from './usual.ts';
import { type Finding, neededFor } from './verdict.ts';

/** Degrees of freedom that the expected spread between devices is worth beside the one that is seen. */
const EXPECTED_DF = 5;

/** Of "not more errors than before", twice as many are disproven: what stays the same can never be proven not to be more. */
const TOLERATED_RATIO = 2;

/** Judges a share of bad observations against a limit: errors, or wrong answers for a gate on accuracy. */
export function findShare(gate: Gate, { devices }: GateSamples, family: number): Finding {
  const isRight = isAccuracy(gate.metric);
  const counts = devices.flatMap(({ after }) => countsOf(gate.metric, after) ?? []).filter(({ n }) => n > 0);
  const { n, bad, windows } = sumOf(counts);
  const needed = neededFor(family, windows);
  const base = { devices: counts.length, n, needed, neededInFavour: needed / family };
  if (n === 0) return { ...base, against: 1, favour: 1, lack: 'inferences' };
  const limit = isRight ? 1 - gate.limit : gate.limit;
  const worth =
    1 /
    Math.max(
      1,
      dispersion(
        counts.map((each) => ({ hits: each.bad, n: each.n, share: bad / n })),
        burstiness(counts),
      ),
    );
  const [hits, misses] = [bad * worth, (n - bad) * worth];
  const more = evidenceOfMoreHits(hits, misses, limit);
  const fewer = evidenceOfFewerHits(hits, misses, limit);
  const isMoreWorse = (opOf(gate) === '<=') !== isRight;
  const [low, high] = wilson(bad / n, n * worth, needed);
  const value = isRight ? 1 - bad / n : bad / n;
  return {
    ...base,
    value,
    current: value,
    low: isRight ? 1 - high : low,
    high: isRight ? 1 - low : high,
    against: isMoreWorse ? more : fewer,
    favour: isMoreWorse ? fewer : more,
  };
}

function countsOf(metric: Gate['metric'], { labels, estimated, inferences }: PeriodSample): Counts | undefined {
  if (metric === 'accuracy') return labels;
  return metric === 'estimated_accuracy' ? estimated : inferences;
}

/**
 * Judges the rate of errors against what it was: of the errors of both periods together, the part that came after is binomial when the
 * rate is `limit` times what it was. Each device has its own share of exposure. Devices do not change alike, and errors come
 * together, so counts are worth as much less as they vary more than independent ones.
 */
export function findErrorRatio(gate: Gate, samples: GateSamples, family: number): Finding {
  const moved = samples.devices.filter(isCompared);
  const control = gate.compare === 'vs_control' ? samples.control.filter(isCompared) : [];
  const after = sumOf(moved.map((each) => each.after.inferences));
  const before = sumOf(moved.map((each) => each.before.inferences));
  const needed = neededFor(family, after.windows);
  const base = {
    devices: moved.length,
    n: after.n,
    needed,
    neededInFavour: needed / family,
    ...(gate.compare === 'vs_control' && { controlDevices: control.length }),
  };
  const hasControl = gate.compare !== 'vs_control' || control.length > 0;
  if (moved.length === 0 || !hasControl) {
    const isSeen = samples.devices.some((each) => each.after.inferences.n > 0);
    return { ...base, against: 1, favour: 1, lack: isSeen ? 'comparison' : 'inferences' };
  }
  const trend = trendOf(control);
  const weighed = conditional(moved, gate.limit * trend.ratio, trend.variance);
  return { ...base, ...judgeRatio(gate, weighed, { after, before, trend: trend.ratio, needed }) };
}

/** Errors after, of those after and before together, with the share that they would have at the limit; both as often as they are worth. */
export type Weighed = { hits: number; misses: number; share: number; worth: number; tolerated: number };

/** The evidence in a ratio of two error rates. */
export function judgeRatio(
  gate: Gate,
  { hits, misses, share, worth, tolerated }: Weighed,
  { after, before, trend, needed }: { after: Counts; before: Counts; trend: number; needed: number },
): Pick<Finding, 'value' | 'low' | 'high' | 'current' | 'reference' | 'against' | 'favour'> {
  const ratio = (after.bad + 0.5) / after.n / ((before.bad + 0.5) / before.n) / trend;
  const variance = (1 / (after.bad + 0.5) + 1 / (before.bad + 0.5)) / worth;
  const margin = marginOf({ variance, count: 1, df: Number.MAX_SAFE_INTEGER }, needed);
  const isMoreWorse = opOf(gate) === '<=';
  return {
    value: ratio,
    low: ratio * Math.exp(-margin),
    high: ratio * Math.exp(margin),
    current: after.bad / after.n,
    reference: before.bad / before.n,
    against: isMoreWorse ? evidenceOfMoreHits(hits, misses, share) : evidenceOfFewerHits(hits, misses, share),
    favour: isMoreWorse
      ? evidenceOfFewerHits(hits, misses, gate.limit === 1 ? tolerated : share)
      : evidenceOfMoreHits(hits, misses, share),
  };
}

type Compared = DeviceSample & { before: NonNullable<DeviceSample['before']> };

function isCompared(device: DeviceSample): device is Compared {
  return device.after.inferences.n > 0 && device.before !== null && device.before.inferences.n > 0;
}

function conditional(moved: readonly Compared[], ratio: number, trendVariance: number): Weighed {
  const rows = moved.map(({ before, after }) => {
    const weight = ratio * after.inferences.n;
    const share = weight / (weight + before.inferences.n);
    return { hits: after.inferences.bad, n: after.inferences.bad + before.inferences.bad, share };
  });
  const hits = rows.reduce((sum, row) => sum + row.hits, 0);
  const n = rows.reduce((sum, row) => sum + row.n, 0);
  const expected = rows.reduce((sum, row) => sum + (n > 0 ? row.n : 1) * row.share, 0) / (n > 0 ? n : rows.length);
  const bursts = burstiness(moved.flatMap(({ before, after }) => [before.inferences, after.inferences]));
  const changing = USUAL_ERROR_CHANGE ** 2 / moved.length + trendVariance;
  const prior = bursts + changing / (1 / (hits + 0.5) + 1 / (n - hits + 0.5));
  const odds = ((hits + 0.5) / (n - hits + 0.5)) * ((1 - expected) / expected);
  const fitted = rows.map((row) => ({ ...row, share: (row.share * odds) / (1 - row.share + row.share * odds) }));
  return weighedOf(hits, n, expected, 1 / Math.max(1, dispersion(fitted, prior)));
}

/** `hits` of `n`, each worth so much, beside the share that is expected at the limit. */
export function weighedOf(hits: number, n: number, share: number, worth: number): Weighed {
  const tolerated = (TOLERATED_RATIO * share) / (1 - share + TOLERATED_RATIO * share);
  return { hits: hits * worth, misses: (n - hits) * worth, share, worth, tolerated };
}

/** How the error rate of devices that did not move changed meanwhile, and how sure that is. */
function trendOf(control: readonly Compared[]): { ratio: number; variance: number } {
  if (control.length === 0) return { ratio: 1, variance: 0 };
  const after = sumOf(control.map((each) => each.after.inferences));
  const before = sumOf(control.map((each) => each.before.inferences));
  return {
    ratio: (after.bad + 0.5) / after.n / ((before.bad + 0.5) / before.n),
    variance: 1 / (after.bad + 0.5) + 1 / (before.bad + 0.5) + USUAL_ERROR_CHANGE ** 2 / control.length,
  };
}

/** How many times as much devices differ as binomial counts of one share would (Pearson), drawn to what is expected of few. */
export function dispersion(rows: readonly { hits: number; n: number; share: number }[], expected: number): number {
  let squares = EXPECTED_DF * expected;
  let df = EXPECTED_DF - 1;
  for (const { hits, n, share } of rows) {
    if (n === 0 || share <= 0 || share >= 1) continue;
    squares += (hits - n * share) ** 2 / (n * share * (1 - share));
    df += 1;
  }
  return squares / Math.max(EXPECTED_DF, df);
}

/** Counts of all, by sums; `windows` is the most that one has. */
export function sumOf(counts: readonly Counts[]): Counts {
  const sum = { n: 0, bad: 0, windows: 0, burst: 0 };
  for (const each of counts) {
    sum.n += each.n;
    sum.bad += each.bad;
    sum.windows = Math.max(sum.windows, each.windows);
  }
  return sum;
}

/** Wilson's interval, as wide as the evidence that is asked for. */
function wilson(share: number, n: number, needed: number): [number, number] {
  const z2 = 2 * Math.log(needed);
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Math.sqrt(z2) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
