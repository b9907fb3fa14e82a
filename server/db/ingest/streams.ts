import type { DeviceEvent } from '@flotilla/protocol';
import type pg from 'pg';
import type { StreamPosition } from '../../domain/telemetry/stream.ts';

export type StreamKey = { deviceId: string; boot: string };
export type StreamRow = StreamKey & { telemetry: StreamPosition; events: StreamPosition };

type StoredStream = {
  device_id: string;
  boot: string;
  telemetry_seq: string;
  telemetry_ahead: string[];
  event_seq: string;
  event_ahead: string[];
};

const STREAM = 's.device_id, s.boot, s.telemetry_seq, s.telemetry_ahead, s.event_seq, s.event_ahead';

/** The spools of a batch, made when new. The lock on their devices that ingest holds keeps others away from them. */
export async function readStreams(
  client: pg.PoolClient,
  keys: readonly (StreamKey & { organizationId: string })[],
): Promise<StreamRow[]> {
  const rows = await findStreams(client, keys);
  const found = new Set(rows.map((row) => `${row.device_id}/${row.boot}`));
  const missing = keys.filter(({ deviceId, boot }) => !found.has(`${deviceId}/${boot}`));
  if (missing.length > 0) rows.push(...(await makeStreams(client, missing)));
  return rows.map((row) => ({
    deviceId: row.device_id,
    boot: row.boot,
    telemetry: { watermark: Number(row.telemetry_seq), ahead: row.telemetry_ahead.map(Number) },
    events: { watermark: Number(row.event_seq), ahead: row.event_ahead.map(Number) },
  }));
}

async function findStreams(client: pg.PoolClient, keys: readonly StreamKey[]): Promise<StoredStream[]> {
  const { rows } = await client.query<StoredStream>(
    `SELECT ${STREAM} FROM device_stream s JOIN unnest($1::uuid[], $2::uuid[]) AS g (d, b) ON s.device_id = g.d AND s.boot = g.b`,
    [keys.map((key) => key.deviceId), keys.map((key) => key.boot)],
  );
  return rows;
}

async function makeStreams(
  client: pg.PoolClient,
  keys: readonly (StreamKey & { organizationId: string })[],
): Promise<StoredStream[]> {
  const { rows } = await client.query<StoredStream>(
    `INSERT INTO device_stream AS s (device_id, boot, organization_id) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) RETURNING ${STREAM}`,
    [keys.map((key) => key.deviceId), keys.map((key) => key.boot), keys.map((key) => key.organizationId)],
  );
  return rows;
}

export async function saveStreams(
  client: pg.PoolClient,
  rows: readonly (StreamRow & { droppedWindows: number })[],
  at: Date,
): Promise<void> {
  const array = (numbers: readonly number[]) => `{${numbers.join(',')}}`;
  await client.query(
    `UPDATE device_stream s SET telemetry_seq = g.t, telemetry_ahead = ${numbersOf('g.ta')}, event_seq = g.e, event_ahead = ${numbersOf('g.ea')},
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

/** Nearly always none; reading the text of an array costs more than the rest of the row. */
function numbersOf(text: string): string {
  return `CASE WHEN ${text} = '{}' THEN ARRAY[]::bigint[] ELSE ${text}::bigint[] END`;
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
