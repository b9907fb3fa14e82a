import type pg from 'pg';
import { saveRollups } from '../../db/ingest/rollups.ts';
import { ingestPool, inTransaction } from '../../db/ingest/transaction.ts';
import { insertWindows } from '../../db/ingest/windows.ts';
import { minutesOf, rollUp } from '../../domain/telemetry/rollup.ts';
import { cpuSecondsOf } from '../cpu-seconds.ts';
import { Days, type DaysOf } from './days.ts';

const BATCH = 5_000;

/** Rollups are made from at most so many windows at a time. */
const ROLLUP_BATCH = 6_000;

/** Windows `from` to before `to` of days; where a day ends, its rollups too. */
export type Span = { days: DaysOf; from: number; to: number; isMeasured: boolean };

export type StoreOrder = { databaseUrl: string; databasePid: number; spans: Span[] };

/** How fast windows, without their rollups, were stored. Processor time, which other programs on the machine do not stretch, by whose it was. */
export type StoreRate = { rows: number; seconds: number; databaseCpuS: number; ownCpuS: number };

/** A program of its own: stores windows as ingest does, by the same code, without the way there; then says how fast, and ends. */
process.once('message', async ({ databaseUrl, databasePid, spans }: StoreOrder) => {
  const pool = ingestPool(databaseUrl, 1);
  const rate: StoreRate = { rows: 0, seconds: 0, databaseCpuS: 0, ownCpuS: 0 };
  for (const span of spans) await storeSpan(pool, span, span.isMeasured ? measuring(rate, databasePid) : unmeasured);
  await pool.end();
  process.send?.(rate, () => process.disconnect());
});

type Watch = (rows: number, work: () => Promise<void>) => Promise<void>;

async function storeSpan(pool: pg.Pool, { days: of, from, to }: Span, watch: Watch): Promise<void> {
  const days = new Days(of);
  for (let at = from; at < to; ) {
    const dayEnd = (Math.floor(at / days.length) + 1) * days.length;
    const rows = Array.from({ length: Math.min(BATCH, to - at, dayEnd - at) }, (_, n) => days.row(at + n));
    await watch(rows.length, () => inTransaction(pool, (client) => insertWindows(client, rows)));
    at += rows.length;
    if (at === dayEnd) await addRollups(pool, days, dayEnd / days.length - 1);
  }
}

async function addRollups(pool: pg.Pool, days: Days, day: number): Promise<void> {
  for (const rows of days.byDevices(day, ROLLUP_BATCH))
    await inTransaction(pool, (client) => saveRollups(client, rollUp(minutesOf(rows))));
}

const unmeasured: Watch = (_rows, work) => work();

function measuring(rate: StoreRate, databasePid: number): Watch {
  return async (rows, work) => {
    const [startedMs, own, databaseS] = [performance.now(), process.cpuUsage(), await cpuSecondsOf(databasePid)];
    await work();
    const { user, system } = process.cpuUsage(own);
    rate.rows += rows;
    rate.seconds += (performance.now() - startedMs) / 1000;
    rate.databaseCpuS += (await cpuSecondsOf(databasePid)) - databaseS;
    rate.ownCpuS += (user + system) / 1e6;
  };
}
