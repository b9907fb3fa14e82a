import { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';

/** One stored window; what was not measured is null. Units are in the names. */
export type StoredWindow = {
  startAt: Date;
  boot: string;
  seq: string;
  position: number;
  durationMs: number;
  slot: string;
  releaseId: string;
  versionId: string | null;
  receivedAt: Date;
  inferences: number;
  errors: number;
  latencyP50: number | null;
  latencyP95: number | null;
  latencyP99: number | null;
  energyJ: number | null;
  powerW: number | null;
  powerSource: string | null;
  cpuPct: number | null;
  rssBytes: number | null;
  runnerRssBytes: number | null;
  memoryUsedBytes: number | null;
  tempC: number | null;
  throttled: boolean | null;
  batteryPct: number | null;
  diskFreeBytes: number | null;
  netRxBytes: number | null;
  netTxBytes: number | null;
  labelledN: number | null;
  labelledCorrect: number | null;
};

export type WindowFilter = {
  deviceId: string;
  from: Date;
  to: Date;
  versionIds?: readonly string[] | undefined;
  slot?: string | undefined;
};

/** Windows of one device in order of time, the `limit` that come after `after`. */
export async function listWindows(
  { tx, organizationId }: Scope,
  { deviceId, from, to, versionIds, slot }: WindowFilter,
  after: StoredWindow | undefined,
  limit: number,
): Promise<StoredWindow[]> {
  return tx.$queryRaw<StoredWindow[]>(Prisma.sql`
    SELECT w.start_at AS "startAt", w.boot, w.seq::text, w.position, w.duration_ms AS "durationMs", w.slot, w.release_id AS "releaseId",
      w.version_id AS "versionId", w.received_at AS "receivedAt", w.inferences::float8, w.errors::float8, w.latency_p50 AS "latencyP50",
      w.latency_p95 AS "latencyP95", w.latency_p99 AS "latencyP99", w.energy_j AS "energyJ", w.power_w AS "powerW",
      w.power_source AS "powerSource", w.cpu_pct AS "cpuPct", w.rss_bytes AS "rssBytes", w.runner_rss_bytes AS "runnerRssBytes",
      w.memory_used_bytes AS "memoryUsedBytes", w.temp_c AS "tempC", w.throttled, w.battery_pct AS "batteryPct",
      w.disk_free_bytes AS "diskFreeBytes", (w.rest ->> 'netRxBytes')::float8 AS "netRxBytes",
      (w.rest ->> 'netTxBytes')::float8 AS "netTxBytes", w.labelled_n::float8 AS "labelledN", w.labelled_correct::float8 AS "labelledCorrect"
    FROM telemetry_window w
    WHERE w.organization_id = ${organizationId}::uuid AND w.device_id = ${deviceId}::uuid
      AND w.start_at >= ${after?.startAt ?? from}::timestamptz AND w.start_at < ${to}::timestamptz
      ${after ? Prisma.sql`AND (w.start_at, w.boot, w.seq, w.position) > (${after.startAt}::timestamptz, ${after.boot}::uuid, ${after.seq}::bigint, ${after.position}::int)` : Prisma.empty}
      ${versionIds ? Prisma.sql`AND w.version_id = ANY(${versionIds}::uuid[])` : Prisma.empty}
      ${slot ? Prisma.sql`AND w.slot = ${slot}` : Prisma.empty}
    ORDER BY w.start_at, w.boot, w.seq, w.position LIMIT ${limit}`);
}
