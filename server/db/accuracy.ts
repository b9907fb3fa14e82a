import type { LabelCell } from '../domain/accuracy/measured.ts';
import { HourSums, sumHours } from '../domain/drift/hour-sums.ts';
import { NIL_ID } from '../domain/telemetry/rollup.ts';
import { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';

export type MonitoringFilter = {
  versionId: string;
  /** Null: the fleet. */
  deviceId: string | null;
  slot?: string | undefined;
  from: Date;
  to: Date;
};

/** Predictions of so long, from `at` on, by what was answered and what was right. */
export type AccuracyCell = LabelCell & { at: Date };

/** Counted by the hour of the answer, whenever the label came, and added up over `stepMs`. */
export async function listAccuracy(scope: Scope, filter: MonitoringFilter, stepMs: number): Promise<AccuracyCell[]> {
  return scope.tx.$queryRaw(Prisma.sql`
    SELECT date_bin(make_interval(secs => ${stepMs / 1000}::float8), hour_at, 'epoch'::timestamptz) AS at, is_unsure AS "isUnsure", predicted::int,
      actual::int, sum(n)::float8 AS n, sum(abs_error_sum) AS "absErrorSum", sum(sq_error_sum) AS "sqErrorSum", sum(error_sum) AS "errorSum"
    FROM accuracy_hour WHERE ${within(scope, filter)} GROUP BY 1, 2, 3, 4 HAVING sum(n) > 0 ORDER BY 1, 2, 3, 4`);
}

/** What devices counted in each hour of a range, in order of time. */
export async function listHours(scope: Scope, filter: MonitoringFilter): Promise<{ hourAt: Date; sums: HourSums }[]> {
  const rows = await scope.tx.$queryRaw<{ hourAt: Date; sums: unknown }[]>(Prisma.sql`
    SELECT hour_at AS "hourAt", sums FROM monitoring_by_hour WHERE ${within(scope, filter)} ORDER BY hour_at, place`);
  const byHour = Map.groupBy(rows, ({ hourAt }) => hourAt.getTime());
  return [...byHour].map(([ms, parts]) => ({
    hourAt: new Date(ms),
    sums: sumHours(parts.map(({ sums }) => HourSums.parse(sums))),
  }));
}

function within({ organizationId }: Scope, { versionId, deviceId, slot, from, to }: MonitoringFilter): Prisma.Sql {
  return Prisma.sql`organization_id = ${organizationId}::uuid AND version_id = ${versionId}::uuid AND device_id = ${deviceId ?? NIL_ID}::uuid
    ${slot === undefined ? Prisma.empty : Prisma.sql`AND slot = ${slot}`}
    AND hour_at >= date_bin('1 hour', ${from}::timestamptz, 'epoch'::timestamptz) AND hour_at < ${to}::timestamptz`;
}
