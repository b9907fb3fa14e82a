import type pg from 'pg';
import type { StreamPosition } from '../../domain/telemetry/stream.ts';
import { plainArray } from '../plain-array.ts';
import type { Write } from './together.ts';

/** A spool's messages are counted by kind, and each kind is committed by transactions of its own. */
export type StreamKind = 'events' | 'telemetry';
export type StreamKey = { deviceId: string; boot: string };
export type StreamRow = StreamKey & {
  position: StreamPosition;
  /** How far the spool's messages of the other kind are committed. */
  otherSeq: number;
};

type NewStream = StreamKey & { organizationId: string };

/** The streams of a batch, made when new, and locked in order of their keys. */
export async function lockStreams(
  client: pg.PoolClient,
  kind: StreamKind,
  keys: readonly NewStream[],
): Promise<StreamRow[]> {
  const found = await findStreams(client, kind, keys);
  const names = new Set(found.map(nameOf));
  const missing = keys.filter((key) => !names.has(nameOf(key)));
  if (missing.length === 0) return found;
  await makeStreams(client, kind, missing);
  return [...found, ...(await findStreams(client, kind, missing))];
}

function nameOf({ deviceId, boot }: StreamKey): string {
  return `${deviceId}/${boot}`;
}

async function findStreams(client: pg.PoolClient, kind: StreamKind, keys: readonly StreamKey[]): Promise<StreamRow[]> {
  const { rows } = await client.query<{
    device_id: string;
    boot: string;
    seq: string;
    ahead: string[];
    other_seq: string;
  }>(
    `SELECT s.device_id, s.boot, s.seq, s.ahead, coalesce(o.seq, 0) AS other_seq
     FROM unnest($1::uuid[], $2::uuid[]) AS g (d, b) JOIN device_stream s ON s.device_id = g.d AND s.boot = g.b AND s.kind = $3
       LEFT JOIN device_stream o ON o.device_id = g.d AND o.boot = g.b AND o.kind <> $3
     ORDER BY s.device_id, s.boot FOR NO KEY UPDATE OF s`,
    [plainArray(keys.map((key) => key.deviceId)), plainArray(keys.map((key) => key.boot)), kind],
  );
  return rows.map((row) => ({
    deviceId: row.device_id,
    boot: row.boot,
    position: { watermark: Number(row.seq), ahead: row.ahead.map(Number) },
    otherSeq: Number(row.other_seq),
  }));
}

/** Another worker may make the same ones at the same time. */
async function makeStreams(client: pg.PoolClient, kind: StreamKind, keys: readonly NewStream[]): Promise<void> {
  await client.query(
    `INSERT INTO device_stream (device_id, boot, organization_id, kind)
     SELECT g.d, g.b, g.o, $4 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS g (d, b, o) ORDER BY g.d, g.b ON CONFLICT DO NOTHING`,
    [
      plainArray(keys.map((key) => key.deviceId)),
      plainArray(keys.map((key) => key.boot)),
      plainArray(keys.map((key) => key.organizationId)),
      kind,
    ],
  );
}

/** `droppedWindows` is what the device says it has dropped in all. */
export function streamsWrite(
  kind: StreamKind,
  rows: readonly (StreamKey & { position: StreamPosition; droppedWindows: number })[],
  at: Date,
): Write {
  return {
    text: `UPDATE device_stream s SET seq = g.seq, ahead = ${numbersOf('g.ahead')}, dropped_windows = greatest(s.dropped_windows, g.dropped), updated_at = $7
     FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[]) AS g (d, b, seq, ahead, dropped)
     WHERE s.device_id = g.d AND s.boot = g.b AND s.kind = $6`,
    values: [
      plainArray(rows.map((row) => row.deviceId)),
      plainArray(rows.map((row) => row.boot)),
      plainArray(rows.map(({ position }) => position.watermark)),
      rows.map(({ position }) => `{${position.ahead.join(',')}}`),
      plainArray(rows.map((row) => row.droppedWindows)),
      kind,
      at,
    ],
  };
}

/** Nearly always none; reading the text of an array costs more than the rest of the row. */
function numbersOf(text: string): string {
  return `CASE WHEN ${text} = '{}' THEN ARRAY[]::bigint[] ELSE ${text}::bigint[] END`;
}
