import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { WORKER_FLAGS } from '../../main/local/stack.ts';
import type { BenchDatabase } from '../database.ts';
import { insertDevices } from '../ingest/fleet.ts';
import { copyDay, settle } from './copy-day.ts';
import { DAY_MS } from './days.ts';
import { type PlanOptions, planOf } from './plan.ts';
import type { Span, StoreOrder, StoreRate } from './store-spans.ts';

export type Fill = { organizationId: string; deviceIds: readonly string[]; first: StoreRate; last: StoreRate };
type Options = PlanOptions & { database: BenchDatabase; devices: number };

/**
 * Stores `rows` windows, evenly over days and devices, in order of time, and their rollups. Returns how fast the first and the last `measured`
 * went, each stored by a process that has just begun, into a database that owes nothing of what came before; the days between them are copies,
 * because nothing is measured of them but their weight.
 */
export async function fill(options: Options, say: (line: string) => void): Promise<Fill> {
  const { database, fromMs } = options;
  const deviceIds = Array.from({ length: options.devices }, () => uuidv7());
  await makePartitions(options);
  const fleet = { organizationId: await insertDevices(database.client, deviceIds), deviceIds, boot: randomUUID() };
  const plan = planOf(fleet, options);
  await storeSpans(database, plan.warmUp);
  await settle(database.client);
  const first = await storeSpans(database, plan.first);
  const { from, to, perDay } = plan.copied;
  for (let day = from; day < to; day += 1) {
    await copyDay(database.client, fromMs + day * DAY_MS, perDay);
    if ((day + 1) % 5 === 0) say(`  up to ${(day + 1) * perDay} windows`);
  }
  await storeSpans(database, plan.between);
  await settle(database.client);
  const last = await storeSpans(database, plan.last);
  await storeSpans(database, plan.fullDay);
  return { ...fleet, first, last };
}

/** By a process with the flags of the product's worker. */
async function storeSpans({ url, pid }: BenchDatabase, spans: Span[]): Promise<StoreRate> {
  const child = fork(join(import.meta.dirname, 'store-spans.ts'), { execArgv: WORKER_FLAGS });
  const order: StoreOrder = { databaseUrl: url, databasePid: await pid(), spans };
  child.send(order);
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`storing ended with ${code}`)));
  const [rate] = (await Promise.race([once(child, 'message'), failed])) as [StoreRate];
  return rate;
}

/** One for each day, and for the day before. */
async function makePartitions({ database, fromMs, days }: Options): Promise<void> {
  for (const [table, column, fill] of [
    ['telemetry_window', 'start_at', 100],
    ['telemetry_minute', 'bucket_at', 85],
  ])
    await database.client.query('SELECT ensure_daily_partitions($1, $2, $3::date, $4::date, $5)', [
      table,
      column,
      new Date(fromMs - DAY_MS),
      new Date(fromMs + days * DAY_MS),
      fill,
    ]);
}
