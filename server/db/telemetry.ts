import type { MetricSums } from '../domain/telemetry/metrics.ts';
import { coarsestFor } from '../domain/telemetry/range.ts';
import { meansOf } from '../domain/telemetry/rollup.ts';
import { sketchFromBytes } from '../domain/telemetry/sketch-bytes.ts';
import { labelValue } from './device-filter.ts';
import { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';
import { type SummedBucket, sumRollups } from './telemetry-rollups.ts';

export type TelemetryFilter = {
  from: Date;
  to: Date;
  deviceIds?: readonly string[] | undefined;
  versionIds?: readonly string[] | undefined;
  slot?: string | undefined;
};
/** `label`: by the value that a device's label of this key has now. */
export type TelemetryGroup = 'none' | 'device' | 'version' | { label: string };

/** Sums of the windows of one group in one bucket; percentiles come from the merged sketch, never from averages. */
export type TelemetryBucket = MetricSums & {
  /** Device or version id, or a label's value; null in the group `none`, for a version that is not known, and for devices without the label. */
  key: string | null;
  startAt: Date;
  windows: number;
  powerSources: string[];
  isThrottled: boolean;
};

type Row = Omit<TelemetryBucket, 'latency'> & { sketches: Uint8Array };

const keys = { none: Prisma.sql`NULL::uuid`, device: Prisma.sql`w.device_id`, version: Prisma.sql`w.version_id` };

/**
 * Telemetry in buckets of `stepMs` from `filter.from` on, by group, in order of time; a bucket without any is absent. It comes from the
 * coarsest rollup that fits the grid, and from the windows themselves where none does.
 */
export async function sumTelemetry(
  scope: Scope,
  filter: TelemetryFilter,
  group: TelemetryGroup,
  stepMs: number,
): Promise<TelemetryBucket[]> {
  const resolution = coarsestFor(filter.from, stepMs);
  if (!resolution) return await sumWindows(scope, filter, group, stepMs);
  return (await sumRollups(scope, filter, group, stepMs, resolution)).map(bucketOf);
}

function bucketOf({ key, startAt, sums }: SummedBucket): TelemetryBucket {
  return { ...sums, ...meansOf(sums), key, startAt };
}

async function sumWindows(
  { tx, organizationId }: Scope,
  filter: TelemetryFilter,
  group: TelemetryGroup,
  stepMs: number,
): Promise<TelemetryBucket[]> {
  const rows = await tx.$queryRaw<Row[]>(Prisma.sql`
    SELECT ${typeof group === 'string' ? keys[group] : labelValue(Prisma.sql`w.device_id`, group.label)} AS key, date_bin(${stepMs} * interval '1 millisecond', w.start_at, ${filter.from}::timestamptz) AS "startAt",
      count(*)::int AS windows,
      sum(w.inferences)::float8 AS inferences, sum(w.errors)::float8 AS errors, sum(w.duration_ms)::float8 AS "durationMs",
      sum(w.energy_j) AS "energyJ", coalesce(sum(w.inferences) FILTER (WHERE w.energy_j IS NOT NULL), 0)::float8 AS "energyInferences",
      sum(w.power_w * w.duration_ms) / sum(w.duration_ms) FILTER (WHERE w.power_w IS NOT NULL) AS "powerW",
      coalesce(array_agg(DISTINCT w.power_source) FILTER (WHERE w.power_source IS NOT NULL), '{}') AS "powerSources",
      avg(w.cpu_pct) AS "cpuPct", avg(w.temp_c) AS "tempC", max(w.runner_rss_bytes) AS "runnerRssBytes",
      coalesce(sum(w.labelled_n) FILTER (WHERE w.labelled_correct IS NOT NULL), 0)::float8 AS "labelledN", coalesce(sum(w.labelled_correct), 0)::float8 AS "labelledCorrect",
      coalesce(bool_or(w.throttled), false) AS "isThrottled", string_agg(w.latency_run, '') AS sketches
    FROM telemetry_window w
    WHERE w.organization_id = ${organizationId}::uuid AND w.start_at >= ${filter.from}::timestamptz AND w.start_at < ${filter.to}::timestamptz
      ${filter.deviceIds ? Prisma.sql`AND w.device_id = ANY(${filter.deviceIds}::uuid[])` : Prisma.empty}
      ${filter.versionIds ? Prisma.sql`AND w.version_id = ANY(${filter.versionIds}::uuid[])` : Prisma.empty}
      ${filter.slot ? Prisma.sql`AND w.slot = ${filter.slot}` : Prisma.empty}
    GROUP BY 1, 2 ORDER BY 2, 1`);
  return rows.map(({ sketches, ...row }) => ({ ...row, latency: sketchFromBytes(sketches) }));
}
