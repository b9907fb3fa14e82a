import { emptySketch } from '@flotilla/protocol';
import { NIL_ID, type Resolution, type RollupSums } from '../domain/telemetry/rollup.ts';
import { sketchFromBytes } from '../domain/telemetry/sketch-bytes.ts';
import { labelValue } from './device-filter.ts';
import { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';
import type { TelemetryFilter, TelemetryGroup } from './telemetry.ts';

type SumsRow = Omit<RollupSums, 'latency' | 'powerSources'> & {
  latency: Uint8Array | null;
  powerSources: string | null;
};

/** How rows of a rollup `t` are one; their sketches one after another stand for their sum. */
export const summed: Record<keyof RollupSums, Prisma.Sql> = {
  windows: Prisma.sql`sum(t.windows)::float8`,
  inferences: Prisma.sql`sum(t.inferences)::float8`,
  errors: Prisma.sql`sum(t.errors)::float8`,
  durationMs: Prisma.sql`sum(t.duration_ms)::float8`,
  latency: Prisma.sql`string_agg(t.latency, ''::bytea)`,
  energyJ: Prisma.sql`sum(t.energy_j)`,
  energyInferences: Prisma.sql`sum(t.energy_inferences)::float8`,
  powerWMs: Prisma.sql`sum(t.power_w_ms)`,
  powerMs: Prisma.sql`sum(t.power_ms)::float8`,
  powerSources: Prisma.sql`string_agg(DISTINCT nullif(t.power_sources, ''), ' ')`,
  cpuPctSum: Prisma.sql`sum(t.cpu_pct_sum)`,
  cpuPctN: Prisma.sql`sum(t.cpu_pct_n)::float8`,
  tempCSum: Prisma.sql`sum(t.temp_c_sum)`,
  tempCN: Prisma.sql`sum(t.temp_c_n)::float8`,
  runnerRssBytes: Prisma.sql`max(t.runner_rss_bytes)`,
  labelledN: Prisma.sql`sum(t.labelled_n)::float8`,
  labelledCorrect: Prisma.sql`sum(t.labelled_correct)::float8`,
  isThrottled: Prisma.sql`bool_or(t.throttled)`,
};
const sumsOfRows = Prisma.join(
  Object.entries(summed).map(([name, sql]) => Prisma.sql`${sql} AS ${Prisma.raw(`"${name}"`)}`),
);

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
    SELECT ${typeof group === 'string' ? keys[group] : labelValue(Prisma.sql`t.device_id`, group.label)} AS key, date_bin(${stepMs} * interval '1 millisecond', t.bucket_at, ${from}::timestamptz) AS "startAt", ${sumsOfRows}
    FROM ${Prisma.raw(`telemetry_by_${resolution.name}`)} t
    WHERE t.organization_id = ${organizationId}::uuid AND ${devices} AND t.bucket_at >= ${from}::timestamptz AND t.bucket_at < ${to}::timestamptz
      ${versionIds ? Prisma.sql`AND t.version_id = ANY(${versionIds}::uuid[])` : Prisma.empty}
      ${slot ? Prisma.sql`AND t.slot = ${slot}` : Prisma.empty}
    GROUP BY 1, 2 ORDER BY 2, 1`);
  return rows.map(({ key, startAt, ...row }) => ({ key, startAt, sums: toSums(row) }));
}

function toSums({ latency, powerSources, ...numbers }: SumsRow): RollupSums {
  return {
    ...numbers,
    latency: latency ? sketchFromBytes(latency) : emptySketch(),
    powerSources: sourcesOf(powerSources),
  };
}

/** Words with spaces between them, each once. */
export function sourcesOf(words: string | null): string[] {
  return words === null ? [] : [...new Set(words.split(' '))];
}

/** The devices that measured every one of these versions in the range, by the hour. */
export async function devicesOfAllVersions(
  { tx, organizationId }: Scope,
  { from, to, versionIds }: { from: Date; to: Date; versionIds: readonly string[] },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT t.device_id AS id FROM telemetry_by_hour t
    WHERE t.organization_id = ${organizationId}::uuid AND t.device_id <> ${NIL_ID}::uuid AND t.version_id = ANY(${versionIds}::uuid[])
      AND t.bucket_at >= date_bin('1 hour', ${from}::timestamptz, 'epoch') AND t.bucket_at < ${to}::timestamptz AND t.inferences > 0
    GROUP BY 1 HAVING count(DISTINCT t.version_id) = ${new Set(versionIds).size}`);
  return rows.map(({ id }) => id);
}

/** Of the devices that measured something in the range, by the hour, those with most inferences; `total` is of all. */
export async function busiestDevices(
  { tx, organizationId }: Scope,
  { from, to, deviceIds, versionIds }: Pick<TelemetryFilter, 'from' | 'to' | 'deviceIds' | 'versionIds'>,
  most: number,
): Promise<{ deviceIds: string[]; total: number }> {
  const rows = await tx.$queryRaw<{ id: string; total: number }[]>(Prisma.sql`
    SELECT t.device_id AS id, (count(*) OVER ())::int AS total FROM telemetry_by_hour t
    WHERE t.organization_id = ${organizationId}::uuid AND t.device_id <> ${NIL_ID}::uuid
      AND t.bucket_at >= date_bin('1 hour', ${from}::timestamptz, 'epoch') AND t.bucket_at < ${to}::timestamptz
      ${deviceIds ? Prisma.sql`AND t.device_id = ANY(${deviceIds}::uuid[])` : Prisma.empty}
      ${versionIds ? Prisma.sql`AND t.version_id = ANY(${versionIds}::uuid[])` : Prisma.empty}
    GROUP BY 1 ORDER BY sum(t.inferences) DESC, 1 LIMIT ${most}`);
  return { deviceIds: rows.map(({ id }) => id), total: rows[0]?.total ?? 0 };
}
