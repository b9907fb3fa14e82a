import type { DeviceNeeds } from '../domain/alerts/schedule.ts';
import type { AlertDevice, BoardReading, DeviceSums, RolloutStanding, Stretch } from '../domain/alerts/world.ts';
import { KnownFacts } from '../domain/device/facts.ts';
import { emptySums, NIL_ID, type Resolution, type RollupNumbers } from '../domain/telemetry/rollup.ts';
import type { SumName } from '../domain/telemetry/sums-behind.ts';
import { Prisma } from './generated/client.ts';
import { epochMs, selectColumns, selectColumnsAndBytes, selectRows } from './json-columns.ts';
import type { StateReason } from './rollouts.ts';
import type { Scope } from './scope.ts';
import { summed } from './telemetry-rollups.ts';

type DeviceRow = Pick<AlertDevice, 'id' | 'name' | 'online' | 'labels'> & {
  facts: object;
  onlineChangedMs: number | null;
  lastHeardMs: number | null;
  certificateEndsMs: number | null;
};

/** Every device that is not decommissioned, or of those the named ones, as alerts look at it: with the labels and facts that are needed, and no others. */
export async function listAlertDevices(
  { tx, organizationId }: Scope,
  { labels, facts, hasCertificates }: DeviceNeeds,
  ids?: readonly string[],
): Promise<AlertDevice[]> {
  const [labelKeys, factKeys] = [[...labels], [...facts]];
  const columns: { [Name in keyof DeviceRow]: Prisma.Sql } = {
    id: Prisma.sql`d.id`,
    name: Prisma.sql`d.name`,
    online: Prisma.sql`d.online`,
    onlineChangedMs: epochMs('d.online_changed_at'),
    lastHeardMs: epochMs('d.last_heard_at'),
    labels: labelKeys.length > 0 ? Prisma.sql`coalesce(l.labels, '{}')` : Prisma.sql`'{}'::jsonb`,
    facts:
      factKeys.length > 0
        ? Prisma.sql`(SELECT coalesce(jsonb_object_agg(key, d.facts -> key), '{}') FROM unnest(${factKeys}::text[]) AS key WHERE jsonb_exists(d.facts, key))`
        : Prisma.sql`'{}'::jsonb`,
    certificateEndsMs: hasCertificates ? epochMs('c.ends_at') : Prisma.sql`NULL`,
  };
  const rows = await selectRows<DeviceRow>(
    tx,
    columns,
    Prisma.sql`FROM device d
      ${
        labelKeys.length > 0
          ? Prisma.sql`LEFT JOIN (SELECT device_id, jsonb_object_agg(key, value) AS labels FROM device_label
              WHERE organization_id = ${organizationId}::uuid AND key = ANY(${labelKeys}::text[]) GROUP BY 1) l ON l.device_id = d.id`
          : Prisma.empty
      }
      ${
        hasCertificates
          ? Prisma.sql`LEFT JOIN (SELECT device_id, max(not_after) AS ends_at FROM certificate
              WHERE organization_id = ${organizationId}::uuid AND revoked_at IS NULL GROUP BY 1) c ON c.device_id = d.id`
          : Prisma.empty
      }
      WHERE d.organization_id = ${organizationId}::uuid AND d.decommissioned_at IS NULL
        ${ids ? Prisma.sql`AND d.id = ANY(${ids}::uuid[])` : Prisma.empty} ORDER BY d.id`,
  );
  return rows.map(({ onlineChangedMs, lastHeardMs, certificateEndsMs, ...row }) => ({
    ...row,
    facts: factKeys.length > 0 ? KnownFacts.catch({}).parse(row.facts) : {},
    onlineChangedAt: dateOf(onlineChangedMs),
    lastHeardAt: dateOf(lastHeardMs),
    certificateEndsAt: dateOf(certificateEndsMs),
  }));
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

export type SumsRange = {
  from: Date;
  to: Date;
  resolution: Resolution;
  names: readonly SumName[];
  /** Each device by itself, or the rows that the fleet has of its own. */
  of: 'devices' | 'fleet';
  /** Only these devices. */
  part?: DevicePart;
};

/** Devices by their ids: the first of them, and the first that is no more of them; null where there is no such bound. */
export type DevicePart = { from: string | null; before: string | null };

/** What every device did with every version in a stretch of time, as far as `names` goes: one query for all rules that look at it. */
export async function sumByDevice(scope: Scope, range: SumsRange): Promise<DeviceSums[]> {
  return (await readSums(scope, range, null)).map(({ row }) => row);
}

/** The same in buckets of `stepMs` from the range's start on, by the start of each, in ms. */
export async function sumByDeviceAndBucket(
  scope: Scope,
  range: SumsRange,
  stepMs: number,
): Promise<Map<number, DeviceSums[]>> {
  const bucketMs = Prisma.sql`(extract(epoch FROM date_bin(${stepMs} * interval '1 millisecond', t.bucket_at, ${range.from}::timestamptz)) * 1000)::bigint`;
  const buckets = new Map<number, DeviceSums[]>();
  for (const { startMs, row } of await readSums(scope, range, bucketMs)) {
    const bucket = buckets.get(startMs) ?? [];
    buckets.set(startMs, bucket);
    bucket.push(row);
  }
  return buckets;
}

type SumsRow = Partial<RollupNumbers> & { deviceId: string; versionId: string | null; startMs: number };

async function readSums(
  { tx, organizationId }: Scope,
  { from, to, resolution, names, of, part }: SumsRange,
  bucketMs: Prisma.Sql | null,
): Promise<{ startMs: number; row: DeviceSums }[]> {
  const columns = {
    deviceId: Prisma.sql`t.device_id`,
    versionId: Prisma.sql`nullif(t.version_id, ${NIL_ID}::uuid)`,
    startMs: bucketMs ?? Prisma.sql`0`,
    ...Object.fromEntries(names.filter((name) => name !== 'latency').map((name) => [name, summed[name]])),
  } as { [Name in keyof SumsRow]: Prisma.Sql };
  const source = Prisma.sql`FROM ${Prisma.raw(`telemetry_by_${resolution.name}`)} t
    WHERE t.organization_id = ${organizationId}::uuid AND t.device_id ${Prisma.raw(of === 'fleet' ? '=' : '<>')} ${NIL_ID}::uuid
      AND t.bucket_at >= ${from}::timestamptz AND t.bucket_at < ${to}::timestamptz
      ${part?.from ? Prisma.sql`AND t.device_id >= ${part.from}::uuid` : Prisma.empty}
      ${part?.before ? Prisma.sql`AND t.device_id < ${part.before}::uuid` : Prisma.empty}
    GROUP BY t.device_id, t.version_id${bucketMs ? Prisma.sql`, 3` : Prisma.empty}`;
  const found = names.includes('latency')
    ? await selectColumnsAndBytes<SumsRow>(tx, columns, summed.latency, source)
    : { columns: await selectColumns<SumsRow>(tx, columns, source), bytes: null };
  if (!found?.columns) return [];
  const { deviceId, versionId, startMs, ...read } = found.columns;
  const lists = Object.entries(read) as [keyof RollupNumbers, never[]][];
  return deviceId.map((id, at) => {
    const sums: RollupNumbers = { ...noNumbers };
    for (const [name, list] of lists) sums[name] = list[at] as never;
    const row = { deviceId: id, versionId: versionId[at] ?? null, sums, latency: found.bytes?.[at] ?? NO_BYTES };
    return { startMs: startMs[at] ?? 0, row };
  });
}

const { latency: _, ...noNumbers } = emptySums();
const NO_BYTES = new Uint8Array();

/**
 * Memory and disk of each device in its newest window of this time: one look into the index for each, whatever else was stored. Whose a window
 * is is asked after it was found: asked before, PostgreSQL expects so few that it reads and sorts all of a device's instead of taking the first.
 */
export async function listBoardReadings({ tx, organizationId }: Scope, { from, to }: Stretch): Promise<BoardReading[]> {
  type Row = Omit<BoardReading, 'at'> & { atMs: number };
  const rows = await selectRows<Row>(
    tx,
    {
      deviceId: Prisma.sql`d.id`,
      atMs: epochMs('w.start_at'),
      diskFreeBytes: Prisma.sql`w.disk_free_bytes`,
      memoryUsedBytes: Prisma.sql`w.memory_used_bytes`,
    },
    Prisma.sql`FROM device d CROSS JOIN LATERAL (
        SELECT organization_id, start_at, disk_free_bytes, memory_used_bytes FROM telemetry_window
        WHERE device_id = d.id AND start_at >= ${from}::timestamptz AND start_at <= ${to}::timestamptz ORDER BY start_at DESC LIMIT 1
      ) w WHERE d.organization_id = ${organizationId}::uuid AND w.organization_id = d.organization_id AND d.decommissioned_at IS NULL`,
  );
  return rows.map(({ atMs, ...row }) => ({ ...row, at: new Date(atMs) }));
}

/** Rollouts that one look reads, newest first. */
const MAX_ROLLOUTS = 500;

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
