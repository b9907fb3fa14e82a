import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { type FoldPlace, fold } from '../db/ingest/fold.ts';
import { inTransaction } from '../db/ingest/transaction.ts';
import { NIL_ID } from '../domain/telemetry/rollup.ts';
import { type Folded, restBetween, rowsAtOnce } from './fold-rest.ts';

/** Transactions of it at once. */
export const FOLD_CONNECTIONS = 1;

/** Appended rows in the first transaction. */
const FIRST_ROWS = 1_000;

type FoldOptions = {
  pool: pg.Pool;
  /** Asked before each transaction. */
  mayGoOn: () => Promise<boolean>;
  /** Ends the rest between two of them. */
  stopping: AbortSignal;
  firstRows?: number;
};

/**
 * Adds what ingest appended to the rollups and to the hours of monitoring, once through all of it. Rarely, because rows of the same minute,
 * hour and day then come together; what waits is read too, and so is nobody's loss.
 */
export async function foldAdded({ pool, mayGoOn, stopping, firstRows = FIRST_ROWS }: FoldOptions): Promise<Folded> {
  const folded: Folded = { rows: 0, keys: 0 };
  let place: FoldPlace | null = { organizationId: NIL_ID, deviceId: NIL_ID };
  let atOnce = firstRows;
  const beganMs = performance.now();
  while (place && !stopping.aborted && (await mayGoOn())) {
    const from: FoldPlace = place;
    const startedMs = performance.now();
    const { taken, keys, last } = await inTransaction(pool, (client) => fold(client, from, atOnce));
    folded.rows += taken;
    folded.keys += keys;
    place = taken < atOnce ? null : last;
    const nowMs = performance.now();
    const tookMs = nowMs - startedMs;
    atOnce = rowsAtOnce(atOnce, tookMs);
    const restMs = restBetween(tookMs, nowMs - beganMs);
    if (place) await delay(restMs, undefined, { signal: stopping }).catch(() => undefined);
  }
  return folded;
}
