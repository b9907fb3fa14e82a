import { type GateMetric, isAccuracy } from './gate.ts';
import type { Counts, DeviceSample, PeriodSample } from './samples.ts';
import { meanOfSeries, type Series } from './series.ts';

/** One device as one observation of a gate. */
export type Measure = {
  hardwareClass: string;
  /** What is averaged over devices: the level, or its change. */
  value: number;
  current: number;
  reference: number | null;
  /** Windows since the device moved, and inferences (labelled ones for accuracy). */
  windows: number;
  n: number;
  /** The periods whose means `value` is made of. */
  series: readonly Series[];
  /** Variance of `value` where counts tell it. */
  variance?: number;
};

/** Labels in a period below which its accuracy says nothing. */
export const LEAST_LABELS = 10;

/** Which counts an accuracy is of: labels, or what confidences promise. */
export function countedOf(metric: 'accuracy' | 'estimated_accuracy'): 'labels' | 'estimated' {
  return metric === 'accuracy' ? 'labels' : 'estimated';
}

/** What a device says of a metric, as its level or, paired, as the change since before; null while it says nothing. Errors are counted, not measured. */
export function measureOf(metric: GateMetric, device: DeviceSample, isPaired: boolean): Measure | null {
  if (isPaired && device.before === null) return null;
  if (metric === 'error_rate') return null;
  if (isAccuracy(metric)) return ofAccuracy(device, countedOf(metric), isPaired);
  return metric === 'drift' ? ofDrift(device, isPaired) : ofSeries(metric, device, isPaired);
}

function ofSeries(metric: keyof PeriodSample['series'], device: DeviceSample, isPaired: boolean): Measure | null {
  const after = device.after.series[metric];
  const before = device.before?.series[metric];
  if (!after || after.windows === 0) return null;
  if (isPaired && (!before || before.windows === 0)) return null;
  const current = meanOfSeries(after);
  const reference = before && before.windows > 0 ? meanOfSeries(before) : null;
  return {
    hardwareClass: device.hardwareClass,
    value: isPaired ? current - (reference ?? 0) : current,
    current,
    reference,
    windows: after.windows,
    n: device.after.inferences.n,
    series: isPaired && before ? [after, before] : [after],
  };
}

function ofAccuracy(
  { hardwareClass, ...device }: DeviceSample,
  by: 'labels' | 'estimated',
  isPaired: boolean,
): Measure | null {
  const after = device.after[by];
  const before = isPaired ? device.before?.[by] : undefined;
  if (!after || after.n < LEAST_LABELS || (isPaired && (before?.n ?? 0) < LEAST_LABELS)) return null;
  const current = 1 - after.bad / after.n;
  const reference = before ? 1 - before.bad / before.n : null;
  return {
    ...{ hardwareClass, current, reference },
    value: current - (reference ?? 0),
    windows: after.windows,
    n: after.n,
    series: [],
    variance: varianceOfShare(after) + (before ? varianceOfShare(before) : 0),
  };
}

function ofDrift({ hardwareClass, before, after }: DeviceSample, isPaired: boolean): Measure | null {
  if (!after.drift || (isPaired && !before?.drift)) return null;
  const { distance, variance, n } = after.drift;
  return {
    ...{ hardwareClass, n },
    value: distance - (isPaired ? (before?.drift?.distance ?? 0) : 0),
    current: distance,
    reference: before?.drift?.distance ?? null,
    windows: after.inferences.windows,
    series: [],
    variance: variance + (isPaired ? (before?.drift?.variance ?? 0) : 0),
  };
}

/** Binomial, drawn half an observation to the middle so that a perfect score is not certain, and more where mistakes come together. */
function varianceOfShare(counts: Counts): number {
  const share = (counts.bad + 0.5) / (counts.n + 1);
  return (share * (1 - share) * burstiness([counts])) / counts.n;
}

/** Degrees of freedom that "as if independent" is worth. */
const INDEPENDENT_DF = 5;

/** How many times as much counts of windows vary as independent ones would: 1 or more. */
export function burstiness(periods: readonly Counts[]): number {
  let squares = INDEPENDENT_DF;
  let df = INDEPENDENT_DF;
  for (const { n, bad, windows, burst } of periods) {
    if (windows < 2 || bad <= 0 || bad >= n) continue;
    const share = bad / n;
    squares += Math.max(0, (burst / share - bad) / (1 - share));
    df += windows - 1;
  }
  return Math.max(1, squares / df);
}
