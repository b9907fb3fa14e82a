import { addNumbers, emptySums, NIL_ID, type Resolution, type RollupSums } from '../domain/telemetry/rollup.ts';
import { addSketchBytes } from '../domain/telemetry/sketch-bytes.ts';
import { labelValue } from './device-filter.ts';
import { Prisma } from './generated/client.ts';
import { SUMS, type SumsRow, sumsOfRow } from './ingest/rollups.ts';
import type { Scope } from './scope.ts';
import type { TelemetryFilter, TelemetryGroup } from './telemetry.ts';

export type SummedBucket = { key: string | null; startAt: Date; sums: RollupSums };

const keys = {
  none: Prisma.sql`NULL::uuid`,
  device: Prisma.sql`t.device_id`,
  version: Prisma.sql`nullif(t.version_id, ${NIL_ID}::uuid)`,
};

/** Stored rollups added up to buckets of `stepMs`, a multiple of the resolution's length. Without named devices the fleet's own rows are read. */
export async function sumRollups(
  { tx, organizationId }: Scope,
  { from, to, deviceIds, versionIds, slot }: TelemetryFilter,
  group: TelemetryGroup,
  stepMs: number,
  resolution: Resolution,
): Promise<SummedBucket[]> {
  const devices = deviceIds
    ? Prisma.sql`t.device_id = ANY(${deviceIds}::uuid[])`
    : group === 'device' || typeof group === 'object'
      ? Prisma.sql`t.device_id <> ${NIL_ID}::uuid`
      : Prisma.sql`t.device_id = ${NIL_ID}::uuid`;
  const rows = await tx.$queryRaw<(SumsRow & { key: string | null; startAt: Date })[]>(Prisma.sql`
    SELECT ${typeof group === 'string' ? keys[group] : labelValue(Prisma.sql`t.device_id`, group.label)} AS key, date_bin(${stepMs} * interval '1 millisecond', t.bucket_at, ${from}::timestamptz) AS "startAt", ${Prisma.raw(SUMS)}
    FROM ${Prisma.raw(`telemetry_${resolution.name}`)} t
    WHERE t.organization_id = ${organizationId}::uuid AND ${devices} AND t.bucket_at >= ${from}::timestamptz AND t.bucket_at < ${to}::timestamptz
      ${versionIds ? Prisma.sql`AND t.version_id = ANY(${versionIds}::uuid[])` : Prisma.empty}
      ${slot ? Prisma.sql`AND t.slot = ${slot}` : Prisma.empty}
    ORDER BY 2, 1`);
  const buckets = new Map<string, SummedBucket>();
  for (const row of rows) {
    const name = `${row.key}/${row.startAt.getTime()}`;
    const bucket = buckets.get(name) ?? { key: row.key, startAt: row.startAt, sums: emptySums() };
    buckets.set(name, bucket);
    addNumbers(bucket.sums, sumsOfRow(row));
    addSketchBytes(bucket.sums.latency, row.latency);
  }
  return [...buckets.values()];
}

/** The devices that measured every one of these versions in the range, by the hour. */
export async function devicesOfAllVersions(
  { tx, organizationId }: Scope,
  { from, to, versionIds }: { from: Date; to: Date; versionIds: readonly string[] },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT t.device_id AS id FROM telemetry_hour t
    WHERE t.organization_id = ${organizationId}::uuid AND t.device_id <> ${NIL_ID}::uuid AND t.version_id = ANY(${versionIds}::uuid[])
      AND t.bucket_at >= date_bin('1 hour', ${from}::timestamptz, 'epoch') AND t.bucket_at < ${to}::timestamptz AND t.inferences > 0
    GROUP BY 1 HAVING count(DISTINCT t.version_id) = ${new Set(versionIds).size}`);
  return rows.map(({ id }) => id);
}
