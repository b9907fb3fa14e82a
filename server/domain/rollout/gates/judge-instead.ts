import { type Gate, isAccuracy } from './gate.ts';
import { average, judgeMeasures, measureAll } from './judge-change.ts';
import { dispersion, judgeRatio, sumOf, weighedOf } from './judge-counts.ts';
import { burstiness, type Measure } from './measure.ts';
import type { DeviceSample, GateSamples } from './samples.ts';
import { emptySpread } from './series.ts';
import { type MeanMetric, USUAL_ERROR_LEVEL, usualLevel } from './usual.ts';
import { type Finding, neededFor } from './verdict.ts';

type Find = (gate: Gate, samples: GateSamples, family: number) => Finding;

/** Devices of the same hardware that stay, below which their spread says nothing and nothing is compared with them. */
export const LEAST_OTHERS = 3;

/** Windows of a device that moved after which those of the others would have come, too. */
const PATIENT_WINDOWS = 3;

/**
 * What a comparison finds where its own basis is missing: the devices that moved were not measured before, or none has stayed. They are then
 * held against devices that have not moved, as those are at the same time, or against themselves before. Which it was is said
 * with the verdict. Where neither can be, and waiting brings nothing, that is said, too.
 */
export function findInstead(gate: Gate, samples: GateSamples, family: number, finding: Finding, find: Find): Finding {
  if (gate.compare === 'absolute') return finding;
  if (finding.lack !== 'comparison' && finding.devices >= gate.minDevices) return finding;
  if (gate.compare === 'vs_control' && isPatient(samples)) {
    const paired = find({ ...gate, compare: 'vs_previous' }, samples, family);
    if (paired.lack === undefined && paired.devices >= gate.minDevices) return { ...paired, instead: 'before' };
  }
  const beside = findBeside(gate, samples, family);
  if (beside && beside.devices >= gate.minDevices) return { ...beside, instead: 'others' };
  return finding.lack === 'comparison' && isInVain(gate, samples) ? { ...finding, lack: 'before' } : finding;
}

/** Labels come late, also of what was answered before; everything else of that time is there or never will be. */
function isInVain({ metric }: Gate, samples: GateSamples): boolean {
  return !isAccuracy(metric) && isPatient(samples);
}

function isPatient({ devices }: GateSamples): boolean {
  return devices.some(({ after }) => after.inferences.windows >= PATIENT_WINDOWS);
}

/**
 * Devices that moved beside those of the same hardware that did not, at the same time. One device differs from another for good, so
 * this takes more devices, or a larger change, than a device's own difference does.
 */
function findBeside(gate: Gate, samples: GateSamples, family: number): Finding | null {
  return gate.metric === 'error_rate'
    ? errorsBeside(gate, samples, family)
    : levelsBeside(gate, gate.metric, samples, family);
}

function levelsBeside(gate: Gate, metric: MeanMetric, samples: GateSamples, family: number): Finding | null {
  const spread = emptySpread();
  const others = Map.groupBy(measureAll(gate, samples.control, false, spread), ({ hardwareClass }) => hardwareClass);
  const centres = new Map([...others].map(([name, group]) => [name, average(group, ({ value }) => value)]));
  const centred = (list: readonly Measure[]) =>
    list.flatMap((each) => {
      const reference = centres.get(each.hardwareClass);
      return reference === undefined ? [] : [{ ...each, value: each.value - reference, reference }];
    });
  const moved = centred(measureAll(gate, samples.devices, false, spread));
  const classes = new Set(moved.map(({ hardwareClass }) => hardwareClass));
  const rest = centred([...others.values()].flat()).filter(({ hardwareClass }) => classes.has(hardwareClass));
  if (moved.length === 0 || rest.length < LEAST_OTHERS) return null;
  const measured = { moved, rest, spread, prior: usualLevel(metric) };
  return { ...judgeMeasures(gate, family, measured), controlDevices: rest.length };
}

function errorsBeside(gate: Gate, samples: GateSamples, family: number): Finding | null {
  const isSeen = ({ after }: DeviceSample) => after.inferences.n > 0;
  const classes = new Set(samples.control.filter(isSeen).map(({ hardwareClass }) => hardwareClass));
  const moved = samples.devices.filter((each) => isSeen(each) && classes.has(each.hardwareClass));
  const own = new Set(moved.map(({ hardwareClass }) => hardwareClass));
  const rest = samples.control.filter((each) => isSeen(each) && own.has(each.hardwareClass));
  if (moved.length === 0 || rest.length < LEAST_OTHERS) return null;
  const countsOf = (list: readonly DeviceSample[]) => list.map(({ after }) => after.inferences);
  const [after, before] = [sumOf(countsOf(moved)), sumOf(countsOf(rest))];
  const needed = neededFor(family, after.windows);
  const weight = gate.limit * after.n;
  const n = after.bad + before.bad;
  const unequal = USUAL_ERROR_LEVEL ** 2 * (1 / moved.length + 1 / rest.length);
  const prior = burstiness(countsOf([...moved, ...rest])) + unequal / (1 / (after.bad + 0.5) + 1 / (before.bad + 0.5));
  const rows = [moved, rest].flatMap((group) => {
    const sum = sumOf(countsOf(group));
    return countsOf(group).map((counts) => ({ hits: counts.bad, n: counts.n, share: sum.bad / sum.n }));
  });
  const worth = 1 / Math.max(1, dispersion(rows, prior));
  const weighed = weighedOf(after.bad, n, weight / (weight + before.n), worth);
  return {
    ...{ devices: moved.length, n: after.n, needed, neededInFavour: needed / family, controlDevices: rest.length },
    ...judgeRatio(gate, weighed, { after, before, trend: 1, needed }),
  };
}
