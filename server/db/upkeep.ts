import type { Db } from './client.ts';
import { Prisma } from './generated/client.ts';

/** Days of partitions kept ready: a worker that is down over a weekend finds them made. */
const DAYS_AHEAD = 7;

/** Makes the telemetry partitions for yesterday and the days to come. Windows are never rewritten, minutes by a fold or two. */
export async function ensurePartitions(db: Db): Promise<void> {
  for (const [table, column, fill] of [
    ['telemetry_window', 'start_at', 100],
    ['telemetry_minute', 'bucket_at', 85],
  ] as const) {
    await db.$executeRaw`SELECT ensure_daily_partitions(${table}, ${column}, (now() AT TIME ZONE 'UTC')::date - 1,
      (now() AT TIME ZONE 'UTC')::date + ${DAYS_AHEAD}::int, ${fill}::int)`;
  }
}

type Keeping = { id: string; windows: number; minutes: number; hours: number };

/**
 * Deletes telemetry that is older than its organization keeps it, and events that are older than its hours. Days that nobody keeps go by dropping their partition. Row by row goes what
 * an organization keeps for less long than others, and what lies in no day's partition because it came from too long ago.
 */
export async function deleteOldTelemetry(db: Db): Promise<void> {
  const organizations = await db.$queryRaw<Keeping[]>`
    SELECT id, keep_windows_days AS windows, keep_minutes_days AS minutes, keep_hours_days AS hours FROM organization`;
  if (organizations.length === 0) return;
  const longest = {
    windows: Math.max(...organizations.map(({ windows }) => windows)),
    minutes: Math.max(...organizations.map(({ minutes }) => minutes)),
  };
  await db.$executeRaw`SELECT drop_daily_partitions('telemetry_window', (now() AT TIME ZONE 'UTC')::date - ${longest.windows}::int)`;
  await db.$executeRaw`SELECT drop_daily_partitions('telemetry_minute', (now() AT TIME ZONE 'UTC')::date - ${longest.minutes}::int)`;
  for (const { id, windows, minutes, hours } of organizations) {
    const isOld = (column: Prisma.Sql, days: number) =>
      Prisma.sql`organization_id = ${id}::uuid AND ${column} < now() - ${days} * interval '1 day'`;
    const [startAt, bucketAt] = [Prisma.sql`start_at`, Prisma.sql`bucket_at`];
    const windowTable = windows < longest.windows ? Prisma.sql`telemetry_window` : Prisma.sql`telemetry_window_default`;
    const minuteTable = minutes < longest.minutes ? Prisma.sql`telemetry_minute` : Prisma.sql`telemetry_minute_default`;
    await db.$executeRaw`DELETE FROM ${windowTable} WHERE ${isOld(startAt, windows)}`;
    await db.$executeRaw`DELETE FROM ${minuteTable} WHERE ${isOld(bucketAt, minutes)}`;
    await db.$executeRaw`DELETE FROM telemetry_hour WHERE ${isOld(bucketAt, hours)}`;
    await db.$executeRaw`DELETE FROM device_event WHERE ${isOld(Prisma.sql`received_at`, hours)}`;
  }
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
