import type pg from 'pg';
import type { StreamPosition } from '../../domain/telemetry/stream.ts';
import { binaryArray } from './binary-array.ts';
import { type Read, readTogether, type Write } from './together.ts';

/** A spool's messages are counted by kind, and each kind is committed by transactions of its own. */
export type StreamKind = 'events' | 'telemetry';
export type StreamKey = { deviceId: string; boot: string };
export type StreamRow = {
  /** Of its key among those that were asked for, from 0. */
  place: number;
  watermark: number;
  ahead: readonly number[];
  /** How far the spool's messages of the other kind are committed. */
  otherSeq: number;
};

type NewStream = StreamKey & { organizationId: string };

/** How a stream stands after a batch; `droppedWindows` is what the device says it has dropped in all. */
export type StreamChange = StreamKey & { position: StreamPosition; droppedWindows: number };

/** The streams of a batch, locked in order of their keys. New ones are absent. */
export function lockedStreams(kind: StreamKind, keys: readonly StreamKey[]): Read<StreamRow> {
  return {
    columns: {
      place: 'g.place - 1',
      watermark: 's.seq',
      ahead: 'to_json(s.ahead)', // Lists of lists must be of one length, unless they are JSON.
      otherSeq: 'coalesce(o.seq, 0)',
    },
    from: `FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS g (d, b, place) JOIN device_stream s ON s.device_id = g.d AND s.boot = g.b AND s.kind = $3
       LEFT JOIN device_stream o ON o.device_id = g.d AND o.boot = g.b AND o.kind <> $3
     ORDER BY s.device_id, s.boot FOR NO KEY UPDATE OF s`,
    values: [binaryArray('uuid', keys, (key) => key.deviceId), binaryArray('uuid', keys, (key) => key.boot), kind],
  };
}

/** Makes new streams, and locks them. Another worker may make the same ones at the same time. */
export async function makeStreams(
  client: pg.PoolClient,
  kind: StreamKind,
  keys: readonly NewStream[],
): Promise<StreamRow[]> {
  if (keys.length === 0) return [];
  await client.query(
    `INSERT INTO device_stream (device_id, boot, organization_id, kind)
     SELECT g.d, g.b, g.o, $4 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS g (d, b, o) ORDER BY g.d, g.b ON CONFLICT DO NOTHING`,
    [
      binaryArray('uuid', keys, (key) => key.deviceId),
      binaryArray('uuid', keys, (key) => key.boot),
      binaryArray('uuid', keys, (key) => key.organizationId),
      kind,
    ],
  );
  return (await readTogether(client, { made: lockedStreams(kind, keys) })).made;
}

export function streamsWrite(kind: StreamKind, rows: readonly StreamChange[], at: Date): Write {
  return {
    text: `UPDATE device_stream s SET seq = g.seq, ahead = ${numbersOf('g.ahead')}, dropped_windows = greatest(s.dropped_windows, g.dropped), updated_at = $7
     FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[]) AS g (d, b, seq, ahead, dropped)
     WHERE s.device_id = g.d AND s.boot = g.b AND s.kind = $6`,
    values: [
      binaryArray('uuid', rows, (row) => row.deviceId),
      binaryArray('uuid', rows, (row) => row.boot),
      binaryArray('int8', rows, ({ position }) => position.watermark),
      binaryArray('text', rows, ({ position }) => `{${position.ahead.join(',')}}`),
      binaryArray('int8', rows, (row) => row.droppedWindows),
      kind,
      at,
    ],
  };
}

/** Nearly always none; reading the text of an array costs more than the rest of the row. */
function numbersOf(text: string): string {
  return `CASE WHEN ${text} = '{}' THEN ARRAY[]::bigint[] ELSE ${text}::bigint[] END`;
}
