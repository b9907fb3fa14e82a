import { alignDown } from '../telemetry/range.ts';
import { type Resolution, resolutions } from '../telemetry/rollup.ts';
import { type AlertCondition, isBoardMetric } from './condition.ts';
import type { Stretch } from './world.ts';

/** How often alerts are looked at. */
export const LOOK_EVERY_MS = 20_000;

/** A rule over a long window is looked at so many times in its length, and at least this often. */
const LOOKS_PER_WINDOW = 10;
const LEAST_OFTEN_MS = 600_000;

const [MINUTE, HOUR] = resolutions;

/** From this length on a window is added up from whole hours. */
const HOURS_FROM_S = 21_600;
const DAY_MS = 86_400_000;

/** Whether a rule must be looked at again: those over long windows rest longer, because they read more and change less. */
export function isLookDue(
  { condition, evaluatedAt }: { condition: AlertCondition; evaluatedAt: Date | null },
  now: Date,
): boolean {
  if (!evaluatedAt || condition.kind !== 'metric') return true;
  const everyMs = Math.min(LEAST_OFTEN_MS, (condition.windowS * 1000) / LOOKS_PER_WINDOW);
  // Half a look early: a tick that comes a breath too soon does not cost a whole round.
  return now.getTime() - evaluatedAt.getTime() >= everyMs - LOOK_EVERY_MS / 2;
}

export function resolutionOf(windowS: number): Resolution {
  return windowS >= HOURS_FROM_S ? HOUR : MINUTE;
}

/** The stretch that a window stands for now: whole buckets, with the one that is filling. */
export function stretchOf(windowS: number, now: Date): Stretch {
  return { from: alignDown(new Date(now.getTime() - windowS * 1000), resolutionOf(windowS).ms), to: now };
}

/** The 24 whole hours before a stretch. */
export function dayBefore({ from }: Stretch): Stretch {
  const to = alignDown(from, HOUR.ms);
  return { from: new Date(to.getTime() - DAY_MS), to };
}

/** What must be read to look at these rules. */
export type Needs = {
  /** Lengths of windows in seconds, and whether latencies are wanted of them. */
  windows: Map<number, { hasLatency: boolean; hasDayBefore: boolean }>;
  boards: boolean;
  rollouts: boolean;
  drift: boolean;
};

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
    const known = needs.windows.get(windowS) ?? { hasLatency: false, hasDayBefore: false };
    known.hasLatency ||= metric.startsWith('latency_');
    known.hasDayBefore ||= compare === 'day-before';
    needs.windows.set(windowS, known);
  }
  return needs;
}
