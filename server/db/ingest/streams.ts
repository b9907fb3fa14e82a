import type { DeviceEvent } from '@flotilla/protocol';
import type pg from 'pg';
import type { StreamPosition } from '../../domain/telemetry/stream.ts';

export type StreamKey = { deviceId: string; boot: string };
export type StreamRow = StreamKey & { telemetry: StreamPosition; events: StreamPosition };

/** The spools of a batch, locked in order, those that are new made first. A batch brings a new one rarely, so it is looked for without. */
export async function lockStreams(
  client: pg.PoolClient,
  keys: readonly (StreamKey & { organizationId: string })[],
): Promise<StreamRow[]> {
  const found = await lockKnown(client, keys);
  if (found.length === keys.length) return found;
  await client.query(
    `INSERT INTO device_stream (device_id, boot, organization_id) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS g (d, b, o) ORDER BY d, b ON CONFLICT DO NOTHING`,
    [keys.map((key) => key.deviceId), keys.map((key) => key.boot), keys.map((key) => key.organizationId)],
  );
  return lockKnown(client, keys);
}

async function lockKnown(client: pg.PoolClient, keys: readonly StreamKey[]): Promise<StreamRow[]> {
  const { rows } = await client.query<{
    device_id: string;
    boot: string;
    telemetry_seq: string;
    telemetry_ahead: string[];
    event_seq: string;
    event_ahead: string[];
  }>(
    `SELECT s.* FROM device_stream s JOIN unnest($1::uuid[], $2::uuid[]) AS g (d, b) ON s.device_id = g.d AND s.boot = g.b ORDER BY s.device_id, s.boot FOR UPDATE OF s`,
    [keys.map((key) => key.deviceId), keys.map((key) => key.boot)],
  );
  return rows.map((row) => ({
    deviceId: row.device_id,
    boot: row.boot,
    telemetry: { watermark: Number(row.telemetry_seq), ahead: row.telemetry_ahead.map(Number) },
    events: { watermark: Number(row.event_seq), ahead: row.event_ahead.map(Number) },
  }));
}

export async function saveStreams(
  client: pg.PoolClient,
  rows: readonly (StreamRow & { droppedWindows: number })[],
  at: Date,
): Promise<void> {
  const array = (numbers: readonly number[]) => `{${numbers.join(',')}}`;
  await client.query(
    `UPDATE device_stream s SET telemetry_seq = g.t, telemetry_ahead = g.ta::bigint[], event_seq = g.e, event_ahead = g.ea::bigint[],
       dropped_windows = greatest(s.dropped_windows, g.dropped), updated_at = $8
     FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::bigint[]) AS g (d, b, t, ta, e, ea, dropped)
     WHERE s.device_id = g.d AND s.boot = g.b`,
    [
      rows.map((row) => row.deviceId),
      rows.map((row) => row.boot),
      rows.map((row) => row.telemetry.watermark),
      rows.map((row) => array(row.telemetry.ahead)),
      rows.map((row) => row.events.watermark),
      rows.map((row) => array(row.events.ahead)),
      rows.map((row) => row.droppedWindows),
      at,
    ],
  );
}

export type EventRow = { organizationId: string; deviceId: string; at: Date; receivedAt: Date; event: DeviceEvent };

export async function insertEvents(client: pg.PoolClient, rows: readonly EventRow[]): Promise<void> {
  await client.query(
    `INSERT INTO device_event (organization_id, device_id, boot, seq, at, received_at, kind, deployment_id, payload)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::uuid[], $9::jsonb[])`,
    [
      rows.map((row) => row.organizationId),
      rows.map((row) => row.deviceId),
      rows.map(({ event }) => event.boot),
      rows.map(({ event }) => event.seq),
      rows.map((row) => row.at),
      rows.map((row) => row.receivedAt),
      rows.map(({ event }) => event.kind),
      rows.map(({ event }) => event.deployment ?? null),
      rows.map(({ event }) => JSON.stringify(event)),
    ],
  );
}
