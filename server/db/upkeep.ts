import type { Db } from './client.ts';

/** Days of partitions kept ready: a worker that is down over a weekend finds them made. */
const DAYS_AHEAD = 7;

/** Makes the telemetry partitions for yesterday and the days to come. Windows are never rewritten, minutes by a few batches. */
export async function ensurePartitions(db: Db): Promise<void> {
  for (const [table, column, fill] of [
    ['telemetry_window', 'start_at', 100],
    ['telemetry_minute', 'bucket_at', 70],
  ] as const) {
    await db.$executeRaw`SELECT ensure_daily_partitions(${table}, ${column}, (now() AT TIME ZONE 'UTC')::date - 1,
      (now() AT TIME ZONE 'UTC')::date + ${DAYS_AHEAD}::int, ${fill}::int)`;
  }
}

/** Deletes telemetry that is older than its organization keeps it: whole days by dropping their partition, the rest row by row. */
export async function deleteOldTelemetry(db: Db): Promise<void> {
  const [longest] = await db.$queryRaw<{ windows: number | null; minutes: number | null }[]>`
    SELECT max(keep_windows_days) AS windows, max(keep_minutes_days) AS minutes FROM organization`;
  if (!longest || longest.windows === null || longest.minutes === null) return;
  await db.$executeRaw`SELECT drop_daily_partitions('telemetry_window', (now() AT TIME ZONE 'UTC')::date - ${longest.windows}::int)`;
  await db.$executeRaw`SELECT drop_daily_partitions('telemetry_minute', (now() AT TIME ZONE 'UTC')::date - ${longest.minutes}::int)`;
  await db.$executeRaw`DELETE FROM telemetry_window w USING organization o WHERE o.id = w.organization_id
    AND o.keep_windows_days < ${longest.windows} AND w.start_at < now() - o.keep_windows_days * interval '1 day'`;
  await db.$executeRaw`DELETE FROM telemetry_minute t USING organization o WHERE o.id = t.organization_id
    AND o.keep_minutes_days < ${longest.minutes} AND t.bucket_at < now() - o.keep_minutes_days * interval '1 day'`;
  await db.$executeRaw`DELETE FROM telemetry_hour t USING organization o WHERE o.id = t.organization_id
    AND t.bucket_at < now() - o.keep_hours_days * interval '1 day'`;
}

/** Deletes what has run out: past rate-limit windows, answers kept for repeated writes, ended sign-ins. */
export async function deleteExpired(db: Db): Promise<void> {
  await db.$executeRaw`DELETE FROM rate_limit WHERE window_start < now() - interval '1 day'`;
  await db.$executeRaw`DELETE FROM idempotency_record WHERE created_at < now() - interval '1 day'`;
  await db.$executeRaw`DELETE FROM user_session WHERE expires_at < now() - interval '30 days'`;
}

/** Devices whose document runs out within `days`: it must be issued again before they would refuse it. */
export async function findExpiringDesired(
  db: Db,
  days: number,
  limit: number,
): Promise<{ organizationId: string; deviceId: string; generation: number }[]> {
  return db.$queryRaw`
    SELECT s.organization_id AS "organizationId", s.device_id AS "deviceId", s.generation FROM desired_state s JOIN device d ON d.id = s.device_id
    WHERE s.expires_at < now() + ${days} * interval '1 day' AND d.decommissioned_at IS NULL ORDER BY s.expires_at LIMIT ${limit}`;
}
