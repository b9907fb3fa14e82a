import { findAlert, listMembers } from '../db/alerts-open.ts';
import { listAlertDevices } from '../db/alerts-readings.ts';
import { type BoardBucket, listBoardBuckets } from '../db/board-series.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { type AlertCondition, type BoardMetric, isBoardMetric, wholeOf } from '../domain/alerts/condition.ts';
import { deviceNeedsOf } from '../domain/alerts/schedule.ts';
import { metricWords } from '../domain/alerts/words.ts';
import type { KnownFacts } from '../domain/device/facts.ts';
import { notFound } from '../domain/errors.ts';
import { alignDown, stepFor } from '../domain/telemetry/range.ts';
import type { Deps } from '../services/deps.ts';

/** Devices that are drawn: the members that fired first. */
const MAX_LINES = 8;

/** Shown before it fired and after it was over. */
const AROUND_MS = 1_800_000;

/** The longest stretch: of an alert that goes on, its last hours. Windows themselves are read for it. */
const MAX_SHOWN_MS = 6 * 3_600_000;

const POINTS = 160;

export type AlertEvidence = {
  title: string;
  from: number;
  to: number;
  stepMs: number;
  /** Shares, 0 to 1. Null: not measured. */
  series: { subjectId: string; name: string; points: { t: number; value: number | null; n: number }[] }[];
};

/**
 * What an alert saw that rollups do not keep, over its time: memory and disk of its devices, or how much of the time they were heard. Null for
 * rules that look at something else. @throws AppError `not_found`
 */
export async function alertEvidence(
  deps: Pick<Deps, 'db' | 'now' | 'telemetryWindowS'>,
  actor: Actor,
  { alertId }: { alertId: string },
): Promise<AlertEvidence | null> {
  requirePermission(actor, 'alerts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const alert = await findAlert(scope, alertId);
  if (!alert) throw notFound('alert');
  const drawn = drawnBy(alert.condition);
  if (!drawn) return null;
  const members = (await listMembers(scope, alertId, MAX_LINES)).filter(({ subjectKind }) => subjectKind === 'device');
  const deviceIds = members.map(({ subjectId }) => subjectId);
  const nowMs = deps.now().getTime();
  const toMs = Math.min(nowMs, (alert.resolvedAt?.getTime() ?? nowMs) + AROUND_MS);
  const beganMs = Math.min(alert.firedAt.getTime(), ...members.map(({ evidence }) => evidence.from.getTime()));
  const fromMs = Math.max(beganMs - AROUND_MS, toMs - MAX_SHOWN_MS);
  const [range, devices] = [{ from: new Date(fromMs), to: new Date(toMs) }, Math.max(1, deviceIds.length)];
  const stepMs = stepFor({ ...range, points: POINTS, windowS: deps.telemetryWindowS, devices, fleetDevices: devices });
  const from = alignDown(range.from, stepMs);
  const buckets = await listBoardBuckets(scope, { deviceIds, from, to: range.to, stepMs });
  const known = await listAlertDevices(
    scope,
    deviceNeedsOf([{ condition: alert.condition, groupLabel: null }]),
    deviceIds,
  );
  const factsOf = new Map(known.map(({ id, facts }) => [id, facts]));
  const byDevice = Map.groupBy(buckets, ({ deviceId }) => deviceId);
  const series = members.map(({ subjectId, name }) => ({
    subjectId,
    name,
    points: drawn.points(byDevice.get(subjectId) ?? [], factsOf.get(subjectId) ?? {}, {
      fromMs: from.getTime(),
      toMs,
      stepMs,
    }),
  }));
  return { title: drawn.title, from: from.getTime(), to: toMs, stepMs, series };
}

type Grid = { fromMs: number; toMs: number; stepMs: number };
type Points = AlertEvidence['series'][number]['points'];
type Drawn = { title: string; points: (buckets: readonly BoardBucket[], facts: KnownFacts, grid: Grid) => Points };

function drawnBy(condition: AlertCondition): Drawn | null {
  if (condition.kind === 'offline') return { title: 'Time with telemetry', points: heardPoints };
  if (condition.kind !== 'metric' || !isBoardMetric(condition.metric)) return null;
  const { metric } = condition;
  return { title: metricWords[metric].name, points: (buckets, facts) => sharePoints(metric, buckets, facts) };
}

function sharePoints(metric: BoardMetric, buckets: readonly BoardBucket[], facts: KnownFacts): Points {
  const whole = facts[wholeOf[metric]];
  return buckets.map(({ startMs, windows, diskFreeBytes, memoryUsedBytes }) => {
    const part = metric === 'disk_free_share' ? diskFreeBytes : memoryUsedBytes;
    return { t: startMs, value: part === null || !whole ? null : part / whole, n: windows };
  });
}

/** A bucket without windows is silence, which is what is to be seen: nought, no gap. */
function heardPoints(buckets: readonly BoardBucket[], _: KnownFacts, { fromMs, toMs, stepMs }: Grid): Points {
  const byStart = new Map(buckets.map((bucket) => [bucket.startMs, bucket]));
  return Array.from({ length: Math.ceil((toMs - fromMs) / stepMs) }, (_each, at) => {
    const t = fromMs + at * stepMs;
    const { durationMs = 0, windows = 0 } = byStart.get(t) ?? {};
    return { t, value: Math.min(1, durationMs / Math.min(stepMs, toMs - t)), n: windows };
  });
}
