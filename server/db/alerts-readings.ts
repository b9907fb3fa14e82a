import type { AlertDevice, BoardReading, DeviceSums, RolloutStanding } from '../domain/alerts/world.ts';
import { KnownFacts } from '../domain/device/facts.ts';
import { NIL_ID, type Resolution } from '../domain/telemetry/rollup.ts';
import { Prisma } from './generated/client.ts';
import type { StateReason } from './rollouts.ts';
import type { Scope } from './scope.ts';
import { type SumsRow, sumsOfRows, toSums } from './telemetry-rollups.ts';

/** Every device that is not decommissioned, as alerts look at it. */
export async function listAlertDevices({ tx, organizationId }: Scope): Promise<AlertDevice[]> {
  const rows = await tx.$queryRaw<(Omit<AlertDevice, 'facts'> & { facts: unknown })[]>`
    SELECT d.id, d.name, d.facts, d.online, d.online_changed_at AS "onlineChangedAt", d.last_heard_at AS "lastHeardAt",
      coalesce(l.labels, '{}') AS labels, c.ends_at AS "certificateEndsAt"
    FROM device d
      LEFT JOIN (SELECT device_id, jsonb_object_agg(key, value) AS labels FROM device_label
        WHERE organization_id = ${organizationId}::uuid GROUP BY 1) l ON l.device_id = d.id
      LEFT JOIN (SELECT device_id, max(not_after) AS ends_at FROM certificate
        WHERE organization_id = ${organizationId}::uuid AND revoked_at IS NULL GROUP BY 1) c ON c.device_id = d.id
    WHERE d.organization_id = ${organizationId}::uuid AND d.decommissioned_at IS NULL ORDER BY d.id`;
  return rows.map((row) => ({ ...row, facts: KnownFacts.catch({}).parse(row.facts) }));
}

export type SumsRange = { from: Date; to: Date; resolution: Resolution; hasLatency: boolean };

/** What every device did with every version in a stretch of time: one query for all rules that look at it. */
export async function sumByDevice(scope: Scope, range: SumsRange): Promise<DeviceSums[]> {
  const stepMs = range.to.getTime() - range.from.getTime() + 1;
  return [...(await sumByDeviceAndBucket(scope, range, stepMs)).values()].flat();
}

/** The same in buckets of `stepMs` from the range's start on, by the start of each, in ms. */
export async function sumByDeviceAndBucket(
  { tx, organizationId }: Scope,
  { from, to, resolution, hasLatency }: SumsRange,
  stepMs: number,
): Promise<Map<number, DeviceSums[]>> {
  type Row = SumsRow & { deviceId: string; versionId: string | null; startAt: Date };
  const rows = await tx.$queryRaw<Row[]>(Prisma.sql`
    SELECT t.device_id AS "deviceId", nullif(t.version_id, ${NIL_ID}::uuid) AS "versionId",
      date_bin(${stepMs} * interval '1 millisecond', t.bucket_at, ${from}::timestamptz) AS "startAt", ${sumsOfRows(hasLatency)}
    FROM ${Prisma.raw(`telemetry_${resolution.name}`)} t
    WHERE t.organization_id = ${organizationId}::uuid AND t.device_id <> ${NIL_ID}::uuid
      AND t.bucket_at >= ${from}::timestamptz AND t.bucket_at < ${to}::timestamptz
    GROUP BY 1, 2, 3`);
  const buckets = new Map<number, DeviceSums[]>();
  for (const { deviceId, versionId, startAt, ...row } of rows) {
    const bucket = buckets.get(startAt.getTime()) ?? [];
    buckets.set(startAt.getTime(), bucket);
    bucket.push({ deviceId, versionId, sums: toSums(row) });
  }
  return buckets;
}

/** Memory and disk of each device in its newest window since then. */
export async function listBoardReadings({ tx, organizationId }: Scope, since: Date): Promise<BoardReading[]> {
  return tx.$queryRaw`
    SELECT DISTINCT ON (device_id) device_id AS "deviceId", start_at AS at, disk_free_bytes AS "diskFreeBytes", memory_used_bytes AS "memoryUsedBytes"
    FROM telemetry_window WHERE organization_id = ${organizationId}::uuid AND start_at >= ${since}::timestamptz
    ORDER BY device_id, start_at DESC`;
}

/** Rollouts that are open, or that ended since then. */
export async function listRolloutStandings({ tx, organizationId }: Scope, since: Date): Promise<RolloutStanding[]> {
  const rows = await tx.rollout.findMany({
    where: { organizationId, OR: [{ finishedAt: null }, { stateSince: { gte: since } }] },
    select: { id: true, name: true, state: true, stateSince: true, stateReason: true },
    orderBy: { id: 'desc' },
    take: MAX_ROLLOUTS,
  });
  return rows.map(({ state, stateReason, ...row }) => ({
    ...row,
    state: state as RolloutStanding['state'],
    reason: stateReason as StateReason | null,
  }));
}

/** Rollouts that one look reads, newest first. */
const MAX_ROLLOUTS = 500;
