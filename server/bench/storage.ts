import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { createDb } from '../db/client.ts';
import { telemetrySeries } from '../queries/telemetry-series.ts';
import { type Closers, cleaningUp } from '../testing/cleaning-up.ts';
import { type BenchDatabase, startBenchDatabase } from './database.ts';
import { quantile, round } from './figures.ts';
import { vacuumByHand } from './storage/copy-day.ts';
import { type Fill, fill } from './storage/fill.ts';
import { fillMemory } from './storage/fill-memory.ts';
import { STORED_BEFORE } from './storage/plan.ts';
import type { StoreRate } from './storage/store-spans.ts';

const Flags = z.object({
  /** Windows in all; the aim is stated for 100 million. */
  rows: z.coerce.number().int().min(100_000).max(200_000_000).default(2_000_000),
});

const DAY_MS = 86_400_000;
const DAYS = 30;

/** A window of 15 s, all day long, for as long as the range: what a device stores at most. */
const ROWS_PER_DEVICE = (DAYS * DAY_MS) / 15_000;
const MIN_DEVICES = 100;
const QUERIED_DEVICES = 100;

const MEASURED_ROWS = 1_000_000;
const REPEATS = 40;

/** Of the whole database by the windows in it, with room for its log; see `bytesPerWindow` of a run. */
const BYTES_PER_WINDOW = 1_100;

const say = (line: string) => console.log(`  ${line} …`);

/**
 * Windows of a month, stored a day at a time with their rollups, in the order in which a fleet sends them: is the last million stored as fast
 * as the first, and how long do the product's own queries take then?
 */
export async function run(argv: string[]): Promise<object> {
  const { values } = parseArgs({ args: argv, options: { rows: { type: 'string' } } });
  const { rows } = Flags.parse(values);
  return cleaningUp(async (closers) => {
    const dir = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    say("filling the machine's memory");
    await fillMemory(dir);
    say('starting database');
    const database = await startBenchDatabase(join(dir, 'data'), closers);
    await requireRoom(database.dataDir, rows + STORED_BEFORE);
    await vacuumByHand(database.client);
    const all = { ...(await fillAndQuery(database, rows, closers)), ...(await dropADay(database)) };
    console.log('');
    for (const [name, value] of Object.entries(all)) console.log(`  ${name.padEnd(26)} ${value}`);
    return all;
  });
}

/** A run that fills the disk would take hours to say so. */
async function requireRoom(dir: string, rows: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const [freeGb, neededGb] = [(bavail * bsize) / 1e9, (rows * BYTES_PER_WINDOW) / 1e9];
  if (freeGb < neededGb)
    throw new Error(`${rows} windows take about ${round(neededGb, 1)} GB, and ${dir} has ${round(freeGb, 1)} GB left.`);
}

async function fillAndQuery(database: BenchDatabase, rows: number, closers: Closers) {
  const devices = Math.max(MIN_DEVICES, Math.ceil(rows / ROWS_PER_DEVICE));
  const toMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  say(`storing ${rows} windows of ${devices} devices and ${DAYS} days, and their rollups`);
  const measured = Math.min(MEASURED_ROWS, Math.floor(rows / 5));
  const fromMs = toMs - DAYS * DAY_MS;
  const filled = await fill({ database, devices, fromMs, days: DAYS, rows, measured }, say);
  await database.client.query('VACUUM (ANALYZE)');
  say('asking');
  const db = createDb(database.url);
  closers.push(() => db.$disconnect());
  const actor = { kind: 'system', organizationId: filled.organizationId } as const;
  const ask = async (deviceIds: readonly string[], fromMs: number) => {
    const input = { metrics: ['latency_p50_ms', 'latency_p95_ms', 'throughput_per_s', 'error_rate'] as const };
    const startedMs = performance.now();
    const { series } = await telemetrySeries({ db, telemetryWindowS: 15 }, actor, {
      metrics: [...input.metrics],
      groupBy: 'none',
      deviceIds: [...deviceIds],
      from: new Date(fromMs),
      to: new Date(toMs),
      points: 240,
    });
    if (!series[0]?.points.length) throw new Error('a query that finds nothing measures nothing');
    return performance.now() - startedMs;
  };
  const times = async (count: number, fromMs: number) => {
    const took: number[] = [];
    for (let time = 0; time < REPEATS; time += 1) took.push(await ask(filled.deviceIds.slice(0, count), fromMs));
    return took;
  };
  const [oneDay, month] = [await times(1, toMs - DAY_MS), await times(QUERIED_DEVICES, fromMs)];
  return { ...(await sizeOf(database)), devices, ...ratesOf(filled), ...queriesOf(oneDay, month) };
}

function ratesOf({ first, last }: Fill) {
  const cpuOf = ({ databaseCpuS, ownCpuS }: StoreRate) => databaseCpuS + ownCpuS;
  const lastToFirst = (of: (rate: StoreRate) => number) => round(of(first) / first.rows / (of(last) / last.rows), 3);
  return {
    measuredRows: last.rows,
    firstRowsPerS: round(first.rows / first.seconds),
    lastRowsPerS: round(last.rows / last.seconds),
    lastToFirst: lastToFirst(({ seconds }) => seconds),
    lastToFirstByCpu: lastToFirst(cpuOf),
    lastToFirstByDatabaseCpu: lastToFirst(({ databaseCpuS }) => databaseCpuS),
  };
}

function queriesOf(oneDay: readonly number[], month: readonly number[]) {
  return {
    oneDevice24hP50Ms: round(quantile(oneDay, 0.5), 1),
    oneDevice24hP95Ms: round(quantile(oneDay, 0.95), 1),
    hundredDevices30dP50Ms: round(quantile(month, 0.5), 1),
    hundredDevices30dP95Ms: round(quantile(month, 0.95), 1),
  };
}

async function sizeOf({ client }: BenchDatabase): Promise<{ rows: number; bytesPerWindow: number }> {
  const { rows } = await client.query<{ n: number; bytes: number }>(
    'SELECT count(*)::int AS n, pg_database_size(current_database())::float8 AS bytes FROM telemetry_window',
  );
  const { n, bytes } = rows[0] ?? { n: 0, bytes: 0 };
  return { rows: n, bytesPerWindow: round(bytes / n) };
}

/** A day that nobody keeps any more, by its partition; beside it the same number of rows by DELETE. */
async function dropADay({ client }: BenchDatabase): Promise<object> {
  say('forgetting a day');
  const timed = async (statement: string) => {
    const startedMs = performance.now();
    await client.query(statement);
    return performance.now() - startedMs;
  };
  const dayOf = (daysAgo: number) => `(now() AT TIME ZONE 'UTC')::date - ${daysAgo}`;
  const deleteDayMs = await timed(
    `DELETE FROM telemetry_window WHERE start_at >= (${dayOf(DAYS - 1)})::timestamp AT TIME ZONE 'UTC' AND start_at < (${dayOf(DAYS - 2)})::timestamp AT TIME ZONE 'UTC'`,
  );
  const dropDayMs = await timed(`SELECT drop_daily_partitions('telemetry_window', ${dayOf(DAYS - 1)})`);
  return { dropDayMs: round(dropDayMs, 1), deleteDayMs: round(deleteDayMs, 1) };
}
