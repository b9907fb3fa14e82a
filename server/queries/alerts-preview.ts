import * as z from 'zod';
import { listAlertDevices, sumByDeviceAndBucket } from '../db/alerts-readings.ts';
import { listVersionNames } from '../db/alerts-versions.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { type AlertCondition, isBoardMetric } from '../domain/alerts/condition.ts';
import { evaluateRule, type MemberState } from '../domain/alerts/evaluate.ts';
import { readingsOf } from '../domain/alerts/readings.ts';
import { AlertRuleFields } from '../domain/alerts/rule.ts';
import { deviceNeedsOf, summedOver } from '../domain/alerts/schedule.ts';
import type { AlertWorld, SummedStretch } from '../domain/alerts/world.ts';
import { alignDown } from '../domain/telemetry/range.ts';
import { type Resolution, resolutions } from '../domain/telemetry/rollup.ts';
import { sumsBehind } from '../domain/telemetry/sums-behind.ts';
import { loadWorld } from '../services/alerts/load-world.ts';
import type { Deps } from '../services/deps.ts';

export const PreviewRule = z.object({ rule: AlertRuleFields });
export type PreviewRule = z.input<typeof PreviewRule>;

const DAY_MS = 86_400_000;
const [MINUTE, HOUR] = resolutions;

/** Stored rows that one preview may read: about half a second of work. */
const MAX_ROWS = 100_000;

const MAX_SHOWN = 200;

export type RulePreview = {
  /** Subjects that the rule means now, those that are beyond the limit, and those without data. */
  subjects: number;
  bad: { subjectId: string; name: string; value: number | null }[];
  badCount: number;
  withoutData: number;
  /** What the last 24 hours would have brought; null for what has no history to look at. */
  day: { alerts: number; firings: number; stepS: number; moments: { at: Date; name: string }[] } | null;
};

/** What a rule would say now, and what it would have said in the last 24 hours. Nothing is stored. */
export async function previewRule(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: PreviewRule,
): Promise<RulePreview> {
  requirePermission(actor, 'alerts:read');
  const rule = AlertRuleFields.parse(input.rule);
  const scope = forTenant(deps.db, actor.organizationId);
  const now = deps.now();
  const devices = await listAlertDevices(scope, deviceNeedsOf([rule]));
  const world = await loadWorld(scope, [rule.condition], now, devices);
  const readings = readingsOf(rule, world);
  const looked = evaluateRule({ ...rule, pendingS: 0 }, [], readings, now);
  const bad = looked.fired.map(({ reading: { subjectId, name, value } }) => ({ subjectId, name, value }));
  return {
    subjects: readings.length,
    bad: bad.slice(0, MAX_SHOWN),
    badCount: bad.length,
    withoutData: readings.filter(({ value }) => value === null).length,
    day: hasHistory(rule.condition) ? await replay() : null,
  };

  async function replay(): Promise<NonNullable<RulePreview['day']>> {
    const { condition } = rule;
    const windowS = condition.kind === 'metric' ? condition.windowS : 60;
    const rowsByMinute = (devices.length * DAY_MS) / MINUTE.ms;
    const resolution: Resolution = rowsByMinute > MAX_ROWS || windowS >= HOUR.ms / 1000 ? HOUR : MINUTE;
    const stepMs = Math.max(windowS * 1000, resolution.ms);
    const from = alignDown(new Date(now.getTime() - DAY_MS), stepMs);
    const names = sumsBehind(condition.kind === 'metric' && !isBoardMetric(condition.metric) ? [condition.metric] : []);
    const of = condition.kind === 'metric' ? summedOver(condition) : 'devices';
    const buckets = await sumByDeviceAndBucket(scope, { from, to: now, resolution, names, of }, stepMs);
    const versionNames = await listVersionNames(scope);
    let states: MemberState[] = [];
    let alerts = 0;
    const moments: { at: Date; name: string }[] = [];
    for (let at = from.getTime(); at + stepMs <= now.getTime(); at += stepMs) {
      const rows = buckets.get(at) ?? [];
      const stretch: SummedStretch = {
        from: new Date(at),
        to: new Date(at + stepMs),
        devices: Map.groupBy(of === 'devices' ? rows : [], ({ deviceId }) => deviceId),
        fleet: of === 'fleet' ? rows : [],
      };
      const then: AlertWorld = {
        now: stretch.to,
        listening: null,
        devices,
        versionNames,
        windows: new Map([[windowS, stretch]]),
        daysBefore: new Map(),
        boards: new Map(),
        rollouts: [],
        drift: [],
      };
      const wasQuiet = !states.some(({ phase }) => phase === 'firing');
      const result = evaluateRule(rule, states, readingsOf(rule, then), stretch.to);
      states = result.states;
      if (wasQuiet && result.fired.length > 0) alerts += 1;
      moments.push(...result.fired.map(({ reading }) => ({ at: stretch.to, name: reading.name })));
    }
    return { alerts, firings: moments.length, stepS: stepMs / 1000, moments: moments.slice(0, MAX_SHOWN) };
  }
}

/** Only what rollups keep can be looked at again: not what stands in a device's newest word, nor the day before a day ago. */
function hasHistory(condition: AlertCondition): boolean {
  return condition.kind === 'metric' && !isBoardMetric(condition.metric) && condition.compare === 'value';
}
