import { type Gate, isAccuracy } from './gate.ts';
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
const LEAST_LABELS = 10;

/** What a device says about a gate; null while it says nothing. Error rates and absolute accuracy are counted, not measured. */
export function measureOf(gate: Gate, device: DeviceSample): Measure | null {
  const isCompared = gate.compare !== 'absolute';
  if (isCompared && device.before === null) return null;
  const { metric } = gate;
  if (metric === 'error_rate') return null;
  if (isAccuracy(metric)) return ofAccuracy(device, metric === 'accuracy' ? 'labels' : 'estimated');
  return metric === 'drift' ? ofDrift(device, isCompared) : ofSeries(metric, device, isCompared);
}

function ofSeries(metric: keyof PeriodSample['series'], device: DeviceSample, isCompared: boolean): Measure | null {
  const after = device.after.series[metric];
  const before = device.before?.series[metric];
  if (!after || after.windows === 0) return null;
  if (isCompared && (!before || before.windows === 0)) return null;
  const current = meanOfSeries(after);
  const reference = before && before.windows > 0 ? meanOfSeries(before) : null;
  return {
    hardwareClass: device.hardwareClass,
    value: isCompared ? current - (reference ?? 0) : current,
    current,
    reference,
    windows: after.windows,
    n: device.after.inferences.n,
    series: isCompared && before ? [after, before] : [after],
  };
}

function ofAccuracy({ hardwareClass, ...device }: DeviceSample, by: 'labels' | 'estimated'): Measure | null {
  const before = device.before?.[by];
  const after = device.after[by];
  if (!before || !after || before.n < LEAST_LABELS || after.n < LEAST_LABELS) return null;
  const current = 1 - after.bad / after.n;
  const reference = 1 - before.bad / before.n;
  return {
    ...{ hardwareClass, current, reference },
    value: current - reference,
    windows: after.windows,
    n: after.n,
    series: [],
    variance: varianceOfShare(after) + varianceOfShare(before),
  };
}

function ofDrift({ hardwareClass, before, after }: DeviceSample, isCompared: boolean): Measure | null {
  if (!after.drift || (isCompared && !before?.drift)) return null;
  const { distance, variance, n } = after.drift;
  return {
    ...{ hardwareClass, n },
    value: distance - (isCompared ? (before?.drift?.distance ?? 0) : 0),
    current: distance,
    reference: before?.drift?.distance ?? null,
    windows: after.inferences.windows,
    series: [],
    variance: variance + (isCompared ? (before?.drift?.variance ?? 0) : 0),
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
