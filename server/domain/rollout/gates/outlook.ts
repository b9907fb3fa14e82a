import type { RolloutPlan } from '../plan.ts';
import { type Gate, type GateComparison, type GateMetric, isAccuracy } from './gate.ts';
import { LEAST_OTHERS } from './judge-instead.ts';
import { countedOf, LEAST_LABELS } from './measure.ts';
import type { PeriodSample } from './samples.ts';
import { BLOCK_WINDOWS } from './series.ts';

/** A device that would move, with what is known of it now as its "before". */
export type OutlookDevice = {
  hardwareClass: string;
  isNew: boolean;
  isReachable: boolean;
  before: PeriodSample | null;
};

/**
 * What a comparison would have to go by, if the rollout started now: the devices themselves, themselves but too little (`few`: larger
 * changes only are found), devices that stay, or nothing, so that it asks a person.
 */
export const outlookBases = ['before', 'few', 'others', 'nothing'] as const;
export type OutlookBasis = (typeof outlookBases)[number];

/** How much telemetry there is of what the devices of the first wave serve now, for a gate that compares with it. */
export type GateOutlook = {
  metric: GateMetric;
  compare: GateComparison;
  /** Index of the wave. */
  wave: number;
  basis: OutlookBasis;
  /** What is counted: windows with the metric, labelled answers, or answers with a confidence. */
  counted: 'windows' | 'labels' | 'answers';
  /** Of the median device, and how much of it is enough. */
  have: number;
  enough: number;
  devices: number;
  /** Devices that have enough. */
  ready: number;
  /** When most would have enough, where a clock knows it. */
  enoughAt: Date | null;
};

type Here = {
  wave: number;
  devices: readonly OutlookDevice[];
  later: readonly OutlookDevice[];
  windowS: number;
  now: Date;
};

/**
 * The outlook of every gate of one wave that compares with before; of devices that serve nothing yet there is none, for their first release
 * passes every comparison; nor of what is not measured where the plan lets that pass. `later` are devices of later waves, which stay while this one bakes.
 */
export function outlookOf({ waves }: RolloutPlan, here: Here): GateOutlook[] {
  const devices = here.devices.filter(({ isNew }) => !isNew);
  const gates = waves[here.wave]?.bake.gates.filter(({ compare }) => compare !== 'absolute') ?? [];
  if (devices.length === 0) return [];
  const outlooks = gates.map((gate) => ({ gate, ...outlook(gate, { ...here, devices }) }));
  return outlooks.flatMap(({ gate, ...each }) => (gate.onNoData === 'pass' && each.have === 0 ? [] : each));
}

function outlook(gate: Gate, { wave, devices, later, windowS, now }: Here): GateOutlook {
  const { metric, compare, minDevices } = gate;
  const counts = devices.map(({ before }) => countOf(metric, before)).sort((a, b) => a - b);
  const enough = isAccuracy(metric) ? LEAST_LABELS : metric === 'drift' ? 1 : BLOCK_WINDOWS;
  const least = enough === BLOCK_WINDOWS ? 1 : enough;
  const have = counts[Math.floor((counts.length - 1) / 2)] ?? 0;
  const compared = counts.filter((count) => count >= least).length;
  const needed = Math.min(minDevices, devices.length);
  const isTimed = !isAccuracy(metric) && metric !== 'drift' && have < enough && isMeasured(metric, devices);
  const stays = hasOthers(devices, later);
  const basis = compared < needed ? (stays ? 'others' : 'nothing') : have < enough ? 'few' : 'before';
  return {
    ...{ metric, compare, wave, basis, have, enough, devices: devices.length },
    counted: isAccuracy(metric)
      ? metric === 'accuracy'
        ? 'labels'
        : 'answers'
      : metric === 'drift'
        ? 'answers'
        : 'windows',
    ready: counts.filter((count) => count >= enough).length,
    enoughAt: isTimed ? new Date(now.getTime() + (enough - have) * windowS * 1000) : null,
  };
}

function countOf(metric: GateMetric, before: PeriodSample | null): number {
  if (!before) return 0;
  if (metric === 'error_rate') return before.inferences.windows;
  if (metric === 'drift') return before.drift?.n ?? 0;
  if (isAccuracy(metric)) return before[countedOf(metric)]?.n ?? 0;
  return before.series[metric]?.windows ?? 0;
}

/** A device that measures, but never this, will not have it later; one that measured nothing yet is given the benefit of the doubt. */
function isMeasured(metric: GateMetric, devices: readonly OutlookDevice[]): boolean {
  const reachable = devices.filter(({ isReachable }) => isReachable);
  return reachable.some(({ before }) => before === null || countOf(metric, before) > 0);
}

function hasOthers(devices: readonly OutlookDevice[], later: readonly OutlookDevice[]): boolean {
  const classes = new Set(devices.map(({ hardwareClass }) => hardwareClass));
  const others = later.filter((each) => each.isReachable && !each.isNew && classes.has(each.hardwareClass));
  return others.length >= LEAST_OTHERS;
}
