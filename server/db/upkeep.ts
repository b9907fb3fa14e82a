import type { Db } from './client.ts';

/** Days of partitions kept ready: a worker that is down over a weekend finds them made. */
const DAYS_AHEAD = 7;

/** Makes the telemetry partitions for yesterday and the days to come. */
export async function ensurePartitions(db: Db): Promise<void> {
  await db.$executeRaw`SELECT ensure_telemetry_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + ${DAYS_AHEAD}::int)`;
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
