import { evidenceAbove, type MeanSummary, marginOf } from './evidence-of-mean.ts';
import { type Gate, isAccuracy, isPlain, kindOf, opOf } from './gate.ts';
import { countedOf, LEAST_LABELS, type Measure, measureOf } from './measure.ts';
import type { DeviceSample, GateSamples } from './samples.ts';
import { addSpread, emptySpread, type Spread, varianceOfMean } from './series.ts';
import { type MeanMetric, type UsualChange, usualChange } from './usual.ts';
import { type Finding, type Lack, neededFor } from './verdict.ts';

/**
 * Judges a mean over devices. Each device is one observation: its mean over the windows since it moved, less its mean before, in
 * logarithms where a ratio is asked for; with a control group, less the mean change of that. The variance of such a difference is that
 * between the devices, moderated by what is known beforehand: how much a device's level moves without a new release, and how
 * sure its means are, from means of blocks of windows. So one canary can be judged too, and two do not decide by chance.
 */
export function findChange(gate: Gate, samples: GateSamples, family: number): Finding {
  const isCompared = gate.compare !== 'absolute';
  const spread = emptySpread();
  const moved = measureAll(gate, samples.devices, isCompared, spread);
  const rest = gate.compare === 'vs_control' ? measureAll(gate, samples.control, isCompared, spread) : [];
  const control = gate.compare === 'vs_control' && { controlDevices: rest.length };
  if (moved.length === 0) return nothingFound(moved, family, { ...control, lack: unjudged(gate, samples) });
  if (control && rest.length === 0) return nothingFound(moved, family, { ...control, lack: 'comparison' });
  const prior = isCompared ? usualChange(gate.metric as MeanMetric, samples) : { variance: 0, df: 5 };
  return { ...judgeMeasures(gate, family, { moved, rest, spread, prior }), ...control };
}

/** Devices as they were measured, those that did not move, and what is known beforehand of how far one is from another. */
export type Measured = { moved: readonly Measure[]; rest: readonly Measure[]; spread: Spread; prior: UsualChange };

/** The evidence in the mean of these measures, less that of the rest. */
export function judgeMeasures(gate: Gate, family: number, { moved, rest, spread, prior }: Measured): Finding {
  const base = nothingFound(moved, family, {});
  const control = controlOf(moved, rest);
  const mean = average(moved, ({ value }) => value) - control.mean;
  const uncertain = average(moved, (each) => each.variance ?? varianceOfPeriods(spread, each));
  const squares = moved.reduce((sum, { value }) => sum + (value - mean - control.mean) ** 2, 0) + control.squares;
  const priorDf = dfOfPrior(prior, uncertain);
  const df = priorDf + moved.length - 1 + control.df;
  const variance = (priorDf * (prior.variance + uncertain) + squares) / df;
  const count = 1 / (1 / moved.length + control.perCount);
  const isKnown = uncertain > 0;
  return { ...base, ...weigh(gate, { mean, variance, count, df }, base, isKnown), ...levels(gate, moved) };
}

function nothingFound(moved: readonly Measure[], family: number, more: Partial<Finding>): Finding {
  const windows = moved.reduce((most, each) => Math.max(most, each.windows), 1);
  const needed = neededFor(family, windows);
  return {
    devices: moved.length,
    n: moved.reduce((sum, each) => sum + each.n, 0),
    ...{ needed, neededInFavour: needed / family, against: 1, favour: 1 },
    ...more,
  };
}

function weigh(gate: Gate, summary: MeanSummary, { needed }: { needed: number }, isKnown: boolean) {
  const kind = kindOf(gate);
  const isLog = kind === 'ratio' || (kind === 'value' && !isPlain(gate.metric));
  const back = isLog ? Math.exp : (value: number) => value;
  const limit = isLog ? Math.log(gate.limit) : gate.limit;
  const sign = opOf(gate) === '<=' ? 1 : -1;
  const { mean } = summary;
  if (!isKnown) return { value: back(mean), against: 1, favour: 1, lack: 'spread' as const };
  const margin = marginOf(summary, needed);
  const tolerated = sign * limit + toleranceAt(gate);
  return {
    value: back(mean),
    ...(Number.isFinite(margin) && { low: back(mean - margin), high: back(mean + margin) }),
    against: evidenceAbove({ ...summary, mean: sign * mean }, sign * limit),
    favour: evidenceAbove({ ...summary, mean: -sign * mean }, -tolerated),
  };
}

/** "No worse at all" can never be proven of what stays the same, so a little worse is proven instead. */
function toleranceAt(gate: Gate): number {
  const kind = kindOf(gate);
  if (kind === 'ratio') return gate.limit === 1 ? Math.log(1.1) : 0;
  if (gate.limit !== 0) return 0;
  if (kind === 'change') return gate.metric === 'drift' ? 0.05 : 2;
  return kind === 'change of share' ? 0.01 : 0;
}

/** Degrees of freedom of the expected variance: the part that means are unsure by is known well (Satterthwaite), but not that well. */
function dfOfPrior({ variance, df }: UsualChange, uncertain: number): number {
  const known = variance > 0 ? (df * (variance + uncertain) ** 2) / variance ** 2 : df;
  return Math.max(df, Math.min(MOST_PRIOR_DF, known));
}

const MOST_PRIOR_DF = 15;

/** Without a device to judge: is there nothing yet, or nothing to compare with? */
function unjudged({ metric, compare }: Gate, { devices }: GateSamples): Lack {
  const labels = isAccuracy(metric) ? countedOf(metric) : null;
  const seen = devices.filter(({ after }) =>
    labels ? (after[labels]?.n ?? 0) >= LEAST_LABELS : after.inferences.n > 0,
  );
  return compare !== 'absolute' && seen.length > 0 ? 'comparison' : 'inferences';
}

/** What devices say, and what that says of how much windows spread. Changes `spread`. */
export function measureAll(gate: Gate, devices: readonly DeviceSample[], isPaired: boolean, spread: Spread): Measure[] {
  const measures: Measure[] = [];
  for (const device of devices) {
    const measure = measureOf(gate.metric, device, isPaired);
    if (!measure) continue;
    measures.push(measure);
    for (const series of measure.series) addSpread(spread, series);
  }
  return measures;
}

function varianceOfPeriods(spread: Spread, { series }: Measure): number {
  return series.reduce((sum, { windows }) => sum + varianceOfMean(spread, windows), 0);
}

/** The change of the control group as the moved devices would have seen it: each hardware class by its share among those. */
function controlOf(moved: readonly Measure[], rest: readonly Measure[]) {
  if (rest.length === 0) return { mean: 0, squares: 0, df: 0, perCount: 0 };
  const classes = Map.groupBy(rest, ({ hardwareClass }) => hardwareClass);
  const wanted = Map.groupBy(moved, ({ hardwareClass }) => (classes.has(hardwareClass) ? hardwareClass : null));
  const result = { mean: 0, squares: 0, df: -1, perCount: 0 };
  for (const [hardwareClass, { length }] of wanted) {
    const group = (hardwareClass === null ? undefined : classes.get(hardwareClass)) ?? rest;
    const share = length / moved.length;
    const mean = average(group, ({ value }) => value);
    result.mean += share * mean;
    result.perCount += share ** 2 / group.length;
  }
  for (const group of classes.values()) {
    const mean = average(group, ({ value }) => value);
    result.squares += group.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
    result.df += group.length - (result.df < 0 ? 0 : 1);
  }
  return result;
}

/** The metric itself, now and before, in its unit: a geometric mean over devices where ratios are compared. */
function levels({ metric }: Gate, moved: readonly Measure[]) {
  const back = isPlain(metric) || isAccuracy(metric) ? (value: number) => value : Math.exp;
  const before = moved.filter(({ reference }) => reference !== null);
  return {
    current: back(average(moved, ({ current }) => current)),
    ...(before.length > 0 && { reference: back(average(before, ({ reference }) => reference ?? 0)) }),
  };
}

/** Mean of a number of each. */
export function average<T>(list: readonly T[], of: (each: T) => number): number {
  let sum = 0;
  for (const each of list) sum += of(each);
  return sum / list.length;
}
