import { factKey } from '../device/matches-selector.ts';
import { parseSelector } from '../device/selector.ts';
import type { Metric } from '../telemetry/metrics.ts';
import { alignDown } from '../telemetry/range.ts';
import { type Resolution, resolutions } from '../telemetry/rollup.ts';
import { type AlertCondition, isBoardMetric, type MetricCondition, wholeOf } from './condition.ts';
import type { Stretch, SummedOver } from './world.ts';

/** How often alerts are looked at. */
export const LOOK_EVERY_MS = 20_000;

/** A rule over a long window is looked at so many times in its length, and at least this often. */
const LOOKS_PER_WINDOW = 10;
const LEAST_OFTEN_MS = 600_000;

/** Memory and disk fill up in minutes, not in seconds. */
const BOARD_EVERY_MS = 60_000;

const [MINUTE, HOUR, DAY] = resolutions;

/** From this length on a window is added up from whole hours. */
const HOURS_FROM_S = 21_600;

/**
 * Whether a rule must be looked at again: those over long windows rest longer, because they read more and change less; and days until a
 * certificate ends are not counted in seconds.
 */
export function isLookDue(
  { condition, evaluatedAt }: { condition: AlertCondition; evaluatedAt: Date | null },
  now: Date,
): boolean {
  if (!evaluatedAt) return true;
  const everyMs = restOf(condition);
  // Half a look early: a tick that comes a breath too soon does not cost a whole round.
  return now.getTime() - evaluatedAt.getTime() >= everyMs - LOOK_EVERY_MS / 2;
}

function restOf(condition: AlertCondition): number {
  if (condition.kind === 'certificate') return LEAST_OFTEN_MS;
  if (condition.kind !== 'metric') return 0;
  return isBoardMetric(condition.metric)
    ? BOARD_EVERY_MS
    : Math.min(LEAST_OFTEN_MS, (condition.windowS * 1000) / LOOKS_PER_WINDOW);
}

export function resolutionOf(windowS: number): Resolution {
  return windowS >= HOURS_FROM_S ? HOUR : MINUTE;
}

/** The stretch that a window stands for now: whole buckets, with the one that is filling. */
export function stretchOf(windowS: number, now: Date): Stretch {
  return { from: alignDown(new Date(now.getTime() - windowS * 1000), resolutionOf(windowS).ms), to: now };
}

/**
 * The whole day (UTC) before a stretch. Not the last 24 hours: what is worse for an hour would soon be compared with itself. And a whole day
 * is one stored row of each device.
 */
export function dayBefore({ from }: Stretch): Stretch {
  const to = alignDown(from, DAY.ms);
  return { from: new Date(to.getTime() - DAY.ms), to };
}

/** What must be read to look at these rules. */
export type Needs = {
  /** By length of the window in seconds, what is summed up over it. */
  windows: Map<number, WindowNeeds>;
  boards: boolean;
  rollouts: boolean;
  drift: boolean;
};

export type WindowNeeds = Record<SummedOver, { now: Set<Metric>; dayBefore: Set<Metric> }>;

/** Whoever means the whole fleet, or its versions, reads the few rows that the fleet has of its own. */
export function summedOver({ per, selector }: MetricCondition): SummedOver {
  return per !== 'device' && selector.trim() === '' ? 'fleet' : 'devices';
}

export function needsOf(conditions: readonly AlertCondition[]): Needs {
  const needs: Needs = { windows: new Map(), boards: false, rollouts: false, drift: false };
  for (const condition of conditions) {
    if (condition.kind === 'rollout') needs.rollouts = true;
    if (condition.kind === 'drift') needs.drift = true;
    if (condition.kind !== 'metric') continue;
    const { metric, windowS, compare } = condition;
    if (isBoardMetric(metric)) {
      needs.boards = true;
      continue;
    }
    const known = needs.windows.get(windowS) ?? { devices: noSums(), fleet: noSums() };
    const sums = known[summedOver(condition)];
    sums.now.add(metric);
    if (compare === 'day-before') sums.dayBefore.add(metric);
    needs.windows.set(windowS, known);
  }
  return needs;
}

function noSums(): WindowNeeds[SummedOver] {
  return { now: new Set(), dayBefore: new Set() };
}

/** What must be read of each device, beside how it is connected: keys of its labels and of its facts. */
export type DeviceNeeds = { labels: Set<string>; facts: Set<string>; hasCertificates: boolean };

/** `selectors`: those of mutes, which look at the devices of an alert. */
export function deviceNeedsOf(
  rules: readonly { condition: AlertCondition; groupLabel: string | null }[],
  selectors: readonly string[] = [],
): DeviceNeeds {
  const needs: DeviceNeeds = { labels: new Set(), facts: new Set(), hasCertificates: false };
  const addSelector = (selector: string) => {
    for (const { key } of parseSelector(selector)) {
      const fact = factKey(key);
      if (fact === null) needs.labels.add(key);
      else needs.facts.add(fact);
    }
  };
  for (const selector of selectors) addSelector(selector);
  for (const { condition, groupLabel } of rules) {
    if (groupLabel !== null) needs.labels.add(groupLabel);
    if (condition.kind === 'certificate') needs.hasCertificates = true;
    if ('selector' in condition) addSelector(condition.selector);
    if (condition.kind === 'metric' && isBoardMetric(condition.metric)) needs.facts.add(wholeOf[condition.metric]);
  }
  return needs;
}
