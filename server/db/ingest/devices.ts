import type { Reported, Session } from '@flotilla/protocol';
import type pg from 'pg';
import { binaryArray } from './binary-array.ts';
import type { Read, Write } from './together.ts';

export type KnownDevice = { id: string; organizationId: string };

export type IngestDevice = KnownDevice & {
  session: number;
  reportedSession: number;
  reportedRev: number;
  /** Of the facts that are stored. */
  factsDigest: string | null;
};

const DEVICES = 'FROM device WHERE id = ANY($1::uuid[]) AND decommissioned_at IS NULL';

/** The devices of a batch, locked in order of id so that two workers never wait for each other in a circle. Decommissioned ones are absent. */
export function lockedDevices(ids: readonly string[]): Read<IngestDevice> {
  return {
    columns: {
      id: 'id',
      organizationId: 'organization_id',
      session: 'session',
      reportedSession: 'reported_session',
      reportedRev: 'reported_rev',
      factsDigest: 'facts_digest',
    },
    from: `${DEVICES} ORDER BY id FOR NO KEY UPDATE`,
    values: [binaryArray('uuid', ids, (id) => id)],
  };
}

/** How long ago a device was noted as heard, at most, while it speaks. */
const HEARD_EVERY = "interval '5 seconds'";

/** The devices that telemetry comes from, without a lock; `isQuiet`: this one is to be noted as heard. Decommissioned ones are absent. */
export function measuringDevices(ids: readonly string[], now: Date): Read<KnownDevice & { isQuiet: boolean }> {
  return {
    columns: {
      id: 'id',
      organizationId: 'organization_id',
      isQuiet: `clock_offset_ms IS NULL OR last_heard_at IS NULL OR last_heard_at <= $2::timestamptz - ${HEARD_EVERY}`,
    },
    from: DEVICES,
    values: [binaryArray('uuid', ids, (id) => id), now],
  };
}

/** Things of devices with their devices; without those whose device is absent. */
export function withDevices<T extends { deviceId: string }>(
  things: readonly T[],
  found: readonly IngestDevice[],
): (T & { device: IngestDevice })[] {
  const byId = new Map(found.map((device) => [device.id, device]));
  return things.flatMap((thing) => {
    const device = byId.get(thing.deviceId);
    return device ? [{ ...thing, device }] : [];
  });
}

/** What a batch says of a device itself; null is nothing. */
export type DeviceChange = {
  deviceId: string;
  heardAt: Date | null;
  /** The newest birth or last will. */
  session: { body: Session; at: Date } | null;
  /** The newest report. */
  reported: Reported | null;
  /** What it says of the device, when that is not what is stored already. */
  facts: { json: string; digest: string } | null;
};

/** What was heard of each device: births and last wills, reports, and when it spoke. Each device at most once. */
export function devicesWrite(changes: readonly DeviceChange[]): Write {
  return {
    text: `UPDATE device d SET last_heard_at = greatest(d.last_heard_at, g.heard), online = coalesce(g.online, d.online), session = coalesce(g.session, d.session),
       online_changed_at = CASE WHEN g.online IS NOT NULL AND (d.online IS DISTINCT FROM g.online OR d.online_changed_at IS NULL)
         THEN g.session_at ELSE d.online_changed_at END,
       reported_session = coalesce(g.reported_session, d.reported_session), reported_rev = coalesce(g.reported_rev, d.reported_rev),
       reported_generation = coalesce(g.reported_generation, d.reported_generation), facts = coalesce(g.facts::jsonb, d.facts),
       facts_digest = coalesce(g.facts_digest, d.facts_digest)
     FROM unnest($1::uuid[], $2::timestamptz[], $3::bool[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::text[])
       AS g (id, heard, online, session, session_at, reported_session, reported_rev, reported_generation, facts, facts_digest) WHERE d.id = g.id`,
    values: [
      binaryArray('uuid', changes, (each) => each.deviceId),
      binaryArray('timestamptz', changes, (each) => each.heardAt?.getTime()),
      binaryArray('bool', changes, ({ session }) => session?.body.online),
      binaryArray('int8', changes, ({ session }) => session?.body.session),
      binaryArray('timestamptz', changes, ({ session }) => session?.at.getTime()),
      binaryArray('int8', changes, ({ reported }) => reported?.session),
      binaryArray('int8', changes, ({ reported }) => reported?.rev),
      binaryArray('int8', changes, ({ reported }) => reported?.generation),
      binaryArray('text', changes, ({ facts }) => facts?.json),
      binaryArray('text', changes, ({ facts }) => facts?.digest),
    ],
  };
}

/**
 * When devices spoke, to five seconds, and the server's clock minus each one's in ms. A device that another transaction writes at this
 * moment is passed over: nearly always that one heard it too, and else its next window says it again.
 */
export function heardWrite(heard: readonly { deviceId: string; heardAt: Date; clockOffsetMs: number }[]): Write {
  return {
    text: `WITH news AS MATERIALIZED (
       SELECT d.id, g.heard, g.clock_offset FROM unnest($1::uuid[], $2::timestamptz[], $3::float8[]) AS g (id, heard, clock_offset)
       JOIN device d ON d.id = g.id WHERE d.clock_offset_ms IS NULL OR d.last_heard_at IS NULL OR d.last_heard_at <= g.heard - ${HEARD_EVERY}
       FOR NO KEY UPDATE OF d SKIP LOCKED)
     UPDATE device d SET last_heard_at = n.heard, clock_offset_ms = n.clock_offset FROM news n WHERE d.id = n.id`,
    values: [
      binaryArray('uuid', heard, (each) => each.deviceId),
      binaryArray('timestamptz', heard, (each) => each.heardAt.getTime()),
      binaryArray('float8', heard, (each) => each.clockOffsetMs),
    ],
  };
}

/** Counts messages that were refused. */
export async function saveRefusals(
  client: pg.PoolClient | pg.Pool,
  refusals: readonly { deviceId: string; kind: string; code: string; detail: string }[],
  at: Date,
): Promise<void> {
  await client.query(
    `INSERT INTO refused_message AS r (organization_id, device_id, kind, code, count, last_detail, last_at)
     SELECT d.organization_id, d.id, g.kind, g.code, count(*), max(g.detail), $5
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS g (id, kind, code, detail) JOIN device d ON d.id = g.id
     GROUP BY d.organization_id, d.id, g.kind, g.code
     ON CONFLICT (device_id, kind, code) DO UPDATE SET count = r.count + excluded.count, last_detail = excluded.last_detail, last_at = excluded.last_at`,
    [
      refusals.map((each) => each.deviceId),
      refusals.map((each) => each.kind),
      refusals.map((each) => each.code),
      refusals.map((each) => each.detail),
      at,
    ],
  );
}
