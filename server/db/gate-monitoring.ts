import { lateShare } from '../domain/accuracy/measured.ts';
import { emptyHour, HourSums, sumHours } from '../domain/drift/hour-sums.ts';
import { driftOf } from '../domain/drift/judge.ts';
import { combinedBins } from '../domain/drift/reference.ts';
import type { GateMetric } from '../domain/rollout/gates/gate.ts';
import type { Counts, DriftSample } from '../domain/rollout/gates/samples.ts';
import { findReferences } from './drift.ts';
import { Prisma } from './generated/client.ts';
import { findMonitoringSettings } from './predictions.ts';
import type { Scope } from './scope.ts';

/** What is known of a device beside its windows: labels that came later, the estimate, and how far it is from the reference. */
export type MonitoringSample = { late?: Counts; estimated?: Counts; drift?: DriftSample };

/** Whole hours before the one in which a device moved that are "before"; labels are few, so those of a day. */
const BEFORE_HOURS = 1;
const LABELS_BEFORE_HOURS = 24;

/** Devices of a wave, and beside it, whose distributions are read at a look: each is some kilobytes an hour. */
const MAX_DRIFT_DEVICES = 20;

type Period = { position: number; deviceId: string; period: 'after' | 'before' };
type HourRow = Period & { versionId: string; isWhole: boolean; sums: unknown };
type CellRow = Period & { isUnsure: boolean; predicted: number; actual: number; n: number };

/**
 * By device and period, in the hours of the version it serves since it moved, and of the one before. `members` is a query of that name.
 * A release of the same version is told from the one before by whole hours only, without the one in which the device moved.
 */
export async function loadMonitoring(
  scope: Scope,
  members: Prisma.Sql,
  metrics: readonly GateMetric[],
): Promise<Map<string, MonitoringSample>> {
  const [isLabelled, isEstimated, isDrift] = (['accuracy', 'estimated_accuracy', 'drift'] as const).map((metric) =>
    metrics.includes(metric),
  );
  if (!isLabelled && !isEstimated && !isDrift) return new Map();
  const cells = isLabelled
    ? await scope.tx.$queryRaw<CellRow[]>(cellsQuery(scope, spansOf(members, LABELS_BEFORE_HOURS)))
    : [];
  const hours =
    isEstimated || isDrift || cells.length > 0
      ? await scope.tx.$queryRaw<HourRow[]>(hoursQuery(scope, spansOf(members, BEFORE_HOURS), isDrift === true))
      : [];
  const { unsureBelow } = cells.length > 0 ? await findMonitoringSettings(scope) : { unsureBelow: null };
  const versionIds = [...new Set(hours.map(({ versionId }) => versionId))];
  const references = isDrift ? await findReferences(scope, versionIds) : new Map();
  const byKey = Map.groupBy(hours, nameOf);
  const cellsOf = Map.groupBy(cells, nameOf);
  return new Map(
    [...new Set([...byKey.keys(), ...cellsOf.keys()])].map((key) => {
      const rows = byKey.get(key) ?? [];
      const sums = sumHours(rows.map((row) => HourSums.parse({ ...emptyHour(), ...(row.sums as object) })));
      const reference = references.get(rows[0]?.versionId ?? '');
      const late = lateShare(sums, cellsOf.get(key) ?? [], unsureBelow);
      const bins = reference ? combinedBins(reference.registered, reference.learned).map((each) => each.bins) : [];
      const drift = isDrift && rows[0]?.isWhole ? driftOf(bins, sums) : null;
      return [
        key,
        {
          ...(late && { late: countsOf(late.effectiveN, 1 - late.share) }),
          ...(isEstimated && sums.estimated && { estimated: estimatedOf(sums.estimated) }),
          ...(drift && { drift }),
        },
      ];
    }),
  );
}

function nameOf({ position, deviceId, period }: Period): string {
  return `${position} ${deviceId} ${period}`;
}

function estimatedOf({ n, truePositives }: NonNullable<HourSums['estimated']>): Counts {
  return countsOf(n, n === 0 ? 0 : 1 - truePositives.reduce((sum, hits) => sum + hits, 0) / n);
}

/** Whether wrong answers come together is not known of sums. */
function countsOf(n: number, wrongShare: number): Counts {
  const bad = Math.max(0, n * wrongShare);
  return { n, bad, windows: n > 0 ? 1 : 0, burst: n > 0 ? bad ** 2 / n : 0 };
}

function spansOf(members: Prisma.Sql, beforeHours: number): Prisma.Sql {
  const hour = Prisma.sql`date_bin('1 hour', m.moved_at, 'epoch'::timestamptz)`;
  return Prisma.sql`
    WITH ${members}, versions AS (
      SELECT m.*, ${hour} AS moved_hour, r.version_id, p.version_id AS previous_version_id
      FROM members m LEFT JOIN release r ON r.id = m.release_id LEFT JOIN release p ON p.id = m.previous_release_id
    ), hour_spans AS (
      SELECT position, device_id, slot, place, 'after' AS period, version_id,
        CASE WHEN version_id = previous_version_id THEN moved_hour + interval '1 hour' ELSE moved_hour END AS from_at, 'infinity'::timestamptz AS to_at FROM versions
      UNION ALL SELECT position, device_id, slot, place, 'before', previous_version_id, moved_hour - ${beforeHours} * interval '1 hour',
        CASE WHEN version_id = previous_version_id THEN moved_hour ELSE moved_hour + interval '1 hour' END FROM versions
    )`;
}

/** Only the parts that gates ask for: the whole of an hour is some kilobytes. */
function hoursQuery({ organizationId }: Scope, spans: Prisma.Sql, isDrift: boolean): Prisma.Sql {
  const few = Prisma.sql`json_build_object('estimated', h.sums -> 'estimated', 'confidence', h.sums -> 'confidence', 'unsure', h.sums -> 'unsure')`;
  const parts = isDrift ? Prisma.sql`CASE WHEN s.place <= ${MAX_DRIFT_DEVICES} THEN h.sums ELSE ${few} END` : few;
  return Prisma.sql`${spans}
    SELECT s.position, s.device_id AS "deviceId", s.period, s.version_id AS "versionId", s.place <= ${MAX_DRIFT_DEVICES} AS "isWhole", json_strip_nulls(${parts}) AS sums
    FROM hour_spans s JOIN monitoring_by_hour h ON h.organization_id = ${organizationId}::uuid AND h.version_id = s.version_id AND h.device_id = s.device_id
      AND h.slot = s.slot AND h.hour_at >= s.from_at AND h.hour_at < s.to_at ORDER BY h.hour_at, h.place`;
}

function cellsQuery({ organizationId }: Scope, spans: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`${spans}
    SELECT s.position, s.device_id AS "deviceId", s.period, a.is_unsure AS "isUnsure", a.predicted::int, a.actual::int, sum(a.n)::float8 AS n
    FROM hour_spans s JOIN accuracy_hour a ON a.organization_id = ${organizationId}::uuid AND a.version_id = s.version_id AND a.device_id = s.device_id
      AND a.slot = s.slot AND a.hour_at >= s.from_at AND a.hour_at < s.to_at AND a.predicted >= 0 AND a.actual >= 0
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(a.n) > 0`;
}
