import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

/** A window's message, when it was handed to its device's spool in milliseconds since the epoch. */
export type Published = { deviceId: string; seq: number; atMs: number };

/** What a reader saw at a time: transactions below `end`, but for those that were running. */
export type Look = { atMs: number; end: number; running: ReadonlySet<number> };

const LOOK_EVERY_MS = 10;

/** A reader that looks again and again until it is asked what it saw; each look counts from when its answer was there. */
export function watchTransactions(client: pg.Client): () => Promise<Look[]> {
  let isOver = false;
  const watching = (async () => {
    const looks: Look[] = [];
    while (!isOver) {
      looks.push(await look(client));
      await delay(LOOK_EVERY_MS);
    }
    looks.push(await look(client));
    return looks;
  })();
  watching.catch(() => undefined);
  return () => {
    isOver = true;
    return watching;
  };
}

async function look(client: pg.Client): Promise<Look> {
  const { rows } = await client.query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot');
  return { atMs: Date.now(), ...readSnapshot(rows[0]?.snapshot ?? '') };
}

/** `xmin:xmax:xip,…` as PostgreSQL writes it. */
function readSnapshot(text: string): Pick<Look, 'end' | 'running'> {
  const [, end = '', running = ''] = text.split(':');
  return { end: Number(end), running: new Set(running.split(',').filter(Boolean).map(Number)) };
}

/** Milliseconds from each message to the first look that saw its row. @throws when one has no row that was seen. */
export async function visibleAfterMs(
  client: pg.Client,
  published: readonly Published[],
  looks: readonly Look[],
): Promise<number[]> {
  const { rows } = await client.query<{ device_id: string; seq: string; xid: string }>(
    'SELECT device_id, seq, xmin::text AS xid FROM telemetry_window WHERE xmin::text::bigint >= $1',
    [looks[0]?.end ?? 0],
  );
  const transactionOf = new Map(rows.map((row) => [`${row.device_id}/${row.seq}`, Number(row.xid)]));
  const seenAtMs = new Map(
    [...new Set(transactionOf.values())].map((xid) => [
      xid,
      looks.find(({ end, running }) => xid < end && !running.has(xid))?.atMs,
    ]),
  );
  return published.map(({ deviceId, seq, atMs }) => {
    const seen = seenAtMs.get(transactionOf.get(`${deviceId}/${seq}`) ?? -1);
    if (seen === undefined) throw new Error(`nobody saw message ${seq} of ${deviceId}`);
    return seen - atMs;
  });
}
