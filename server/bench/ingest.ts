import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { topicOf } from '@flotilla/protocol';
import mqtt from 'mqtt';
import pg from 'pg';
import * as z from 'zod';
import { migrate } from '../../prisma/migrate.ts';
import { startPostgres } from '../main/local/postgres-server.ts';
import { until } from '../main/local/until.ts';
import { startMosquitto, type TestMosquitto } from '../testing/mosquitto.ts';
import { testPki } from '../testing/pki.ts';
import { freePort } from '../testing/ports.ts';
import { startWorkerProcess } from '../testing/worker-process.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';
import { makeFleet } from './ingest/fleet.ts';
import type { Answer, Order } from './ingest/publisher.ts';

const Flags = z.object({
  devices: z.coerce.number().int().min(1).max(20_000).default(1_000),
  windows: z.coerce.number().int().min(1_000).max(10_000_000).default(60_000),
  seconds: z.coerce.number().int().min(5).max(600).default(15),
});

/** Windows on their way in all: enough that nobody waits for work, and below what the worker queues. */
const ON_THEIR_WAY = 12_000;

/** Messages that warm up code, caches and connections before anything is measured. */
const WARM_UP = 5_000;

const TIMEOUT_MS = 600_000;
const say = (line: string) => console.log(`  ${line} …`);

type Stand = {
  broker: TestMosquitto;
  database: pg.Client;
  postgres: { pid: number; dataDir: string; url: string };
  publisher: ChildProcess;
  worker: number;
};

/**
 * Publish → committed row: devices with spools over mutual TLS, Mosquitto, one worker, PostgreSQL with its durability on, one window a
 * message. Beside it, on the same machine and in the same run, the two peers: COPY of the same rows into the same table, and a bare client
 * that drains the broker of the same messages.
 */
export async function run(argv: string[]): Promise<object> {
  const { values } = parseArgs({
    args: argv,
    options: { devices: { type: 'string' }, windows: { type: 'string' }, seconds: { type: 'string' } },
  });
  const flags = Flags.parse(values);
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const stand = await setUp(flags.devices, closers);
    const brokerDrainPerSecond = await drainBroker(stand, flags);
    const worker = await startWorkerProcess(stand.postgres.url, await stand.pki(), stand.broker);
    closers.push(() => worker.kill('SIGTERM'));
    const figures = await ingest({ ...stand, worker: worker.pid }, flags);
    const copyRowsPerSecond = await copySameRows(stand);
    const all = {
      ...figures,
      copyRowsPerSecond,
      brokerDrainPerSecond,
      ratioToSlowerPeer: round(figures.windowsPerSecond / Math.min(copyRowsPerSecond, brokerDrainPerSecond), 2),
      devices: flags.devices,
    };
    console.log('');
    for (const [name, value] of Object.entries(all)) console.log(`  ${name.padEnd(26)} ${value}`);
    return all;
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

type Prepared = Omit<Stand, 'worker'> & { pki: () => ReturnType<typeof testPki> };

async function setUp(devices: number, closers: (() => Promise<unknown>)[]): Promise<Prepared> {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  await chmod(dir, 0o711);
  closers.push(() => rm(dir, { recursive: true, force: true }));
  const pki = await testPki();
  closers.push(pki.remove);
  say('starting database and broker');
  const server = await startPostgres({ dataDir: join(dir, 'data'), port: await freePort(), password: 'bench' });
  closers.push(async () => {
    await server.stop();
    await rm(server.dataDir, { recursive: true, force: true });
  });
  const url = server.url('flotilla');
  const admin = new pg.Client({ connectionString: server.url('postgres') });
  await admin.connect();
  await admin.query('CREATE DATABASE flotilla');
  await admin.end();
  await migrate(url);
  const database = new pg.Client({ connectionString: url });
  database.on('error', () => undefined);
  await database.connect();
  closers.push(() => database.end());
  const broker = await startMosquitto(pki);
  closers.push(broker.remove);
  say(`connecting ${devices} devices`);
  const fleet = await makeFleet(url, pki.dir, devices);
  const publisher = fork(join(import.meta.dirname, 'ingest/publisher.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  closers.push(async () => void publisher.kill('SIGKILL'));
  await order(publisher, { kind: 'connect', url: broker.deviceUrl, fleet });
  const [pid = ''] = (await readFile(join(server.dataDir, 'postmaster.pid'), 'utf8')).split('\n');
  return {
    broker,
    database,
    postgres: { pid: Number(pid), dataDir: server.dataDir, url },
    publisher,
    pki: async () => pki,
  };
}

/** The peer before the worker: a client that does nothing with what it gets. */
async function drainBroker(
  { broker, publisher }: Prepared,
  { devices, windows }: z.infer<typeof Flags>,
): Promise<number> {
  say('draining the broker with a bare client');
  const client = await mqtt.connectAsync(broker.serverUrl, {
    ...broker.serverTls,
    clientId: 'server-drain',
    protocolVersion: 4,
  });
  let received = 0;
  client.handleMessage = (_packet, done) => {
    received += 1;
    done();
  };
  await client.subscribeAsync(topicOf('+', 'telemetry'), { qos: 1 });
  const depth = Math.ceil(ON_THEIR_WAY / devices);
  await order(publisher, { kind: 'saturate', windows: WARM_UP, depth, until: 'puback' });
  await until('the warm-up', TIMEOUT_MS, async () => received >= WARM_UP);
  const startedMs = performance.now();
  await order(publisher, { kind: 'saturate', windows, depth, until: 'puback' });
  await until('the broker to be drained', TIMEOUT_MS, async () => received >= WARM_UP + windows);
  const seconds = (performance.now() - startedMs) / 1000;
  await client.endAsync();
  return round(windows / seconds);
}

async function ingest(stand: Stand, { devices, windows, seconds }: z.infer<typeof Flags>) {
  const { publisher, database } = stand;
  const depth = Math.ceil(ON_THEIR_WAY / devices);
  say(`ingesting ${windows} windows at full load`);
  const warmUp = await order(publisher, { kind: 'saturate', windows: WARM_UP, depth, until: 'acknowledged' });
  const cpuBefore = await cpuOf(stand);
  const full = await order(publisher, { kind: 'saturate', windows, depth, until: 'acknowledged' });
  const cpu = mapValues(await cpuOf(stand), (used, part) => used - cpuBefore[part]);
  const windowsPerSecond = full.sent / full.seconds;
  say('ingesting at half of that');
  const half = await order(publisher, { kind: 'pace', windowsPerS: windowsPerSecond / 2, seconds });
  const { rows } = await database.query<{ stored: number; distinct: number }>(
    `SELECT count(*)::int AS stored, count(DISTINCT (device_id, boot, seq, position))::int AS distinct FROM telemetry_window`,
  );
  const { stored = 0, distinct = 0 } = rows[0] ?? {};
  return {
    windowsPerSecond: round(windowsPerSecond),
    perCorePerSecond: round(full.sent / (cpu.worker + cpu.database + cpu.broker)),
    workerCpuSeconds: round(cpu.worker, 2),
    databaseCpuSeconds: round(cpu.database, 2),
    brokerCpuSeconds: round(cpu.broker, 2),
    p50VisibleMs: round(quantile(half.latenciesMs, 0.5)),
    p99VisibleMs: round(quantile(half.latenciesMs, 0.99)),
    lost: warmUp.sent + full.sent + half.sent - distinct,
    duplicates: stored - distinct,
  };
}

/** The peer behind the worker: the rows that it stored, by COPY, into the same table with its indexes. */
async function copySameRows({ database, postgres }: Prepared): Promise<number> {
  say('storing the same rows by COPY');
  const path = join(postgres.dataDir, 'bench.copy');
  await database.query(`COPY (SELECT * FROM telemetry_window) TO ${pg.escapeLiteral(path)} (FORMAT binary)`);
  await database.query('TRUNCATE telemetry_window');
  await database.query('CHECKPOINT');
  const startedMs = performance.now();
  const { rowCount } = await database.query(`COPY telemetry_window FROM ${pg.escapeLiteral(path)} (FORMAT binary)`);
  return round((rowCount ?? 0) / ((performance.now() - startedMs) / 1000));
}

async function order(publisher: ChildProcess, what: Order): Promise<Answer> {
  publisher.send(what);
  const exited = once(publisher, 'exit').then(() => {
    throw new Error('the publisher ended');
  });
  exited.catch(() => undefined);
  const [answer] = await Promise.race([once(publisher, 'message'), exited]);
  return answer as Answer;
}

async function cpuOf({ worker, postgres, broker }: Stand) {
  return {
    worker: await cpuSecondsOf(worker),
    database: await cpuSecondsOf(postgres.pid),
    broker: await cpuSecondsOf(broker.pid()),
  };
}

function mapValues<K extends string>(
  values: Record<K, number>,
  of: (value: number, key: K) => number,
): Record<K, number> {
  const entries = Object.entries(values) as [K, number][];
  return Object.fromEntries(entries.map(([key, value]) => [key, of(value, key)])) as Record<K, number>;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
