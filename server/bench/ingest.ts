import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { topicOf } from '@flotilla/protocol';
import mqtt from 'mqtt';
import pg from 'pg';
import * as z from 'zod';
import { until } from '../main/local/until.ts';
import { type Closers, cleaningUp } from '../testing/cleaning-up.ts';
import { startMosquitto, type TestMosquitto } from '../testing/mosquitto.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { startWorkerProcess } from '../testing/worker-process.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';
import { type BenchDatabase, startBenchDatabase } from './database.ts';
import { quantile, round } from './figures.ts';
import { makeFleet } from './ingest/fleet.ts';
import type { Answer, Order } from './ingest/publisher.ts';
import { visibleAfterMs, watchTransactions } from './ingest/visible.ts';

/** Many times {@link ON_THEIR_WAY}: the first and the last are stored by a machine that is half idle, in a run of 60,000 a tenth of all its time. */
const WINDOWS = 180_000;

const Flags = z.object({
  devices: z.coerce.number().int().min(1).max(20_000).optional(),
  windows: z.coerce.number().int().min(1_000).max(10_000_000).default(WINDOWS),
  seconds: z.coerce.number().int().min(5).max(600).default(30),
  kills: z.boolean().default(false),
});
type Flags = Omit<z.infer<typeof Flags>, 'devices'> & { devices: number };

/** One that empties its spool, and a fleet. */
const [ONE, FLEET] = [1, 10_000];

/** Windows on their way in all: enough that nobody waits for work, and below what the worker queues. */
const ON_THEIR_WAY = 12_000;

/** Messages that warm up caches and connections before anything is measured, and code: V8 compiles it for seconds. */
const WARM_UP = 30_000;

/** Peer and product take turns, because a shared machine is a different one after some seconds; medians are reported. */
const ROUNDS = 3;

/** At half load, before it is measured. */
const SETTLE_S = 10;

/** At most; less where all windows would be stored before the last kill. */
const BETWEEN_KILLS_MS = 3_000;

/** After it, nothing more comes from a broker whose publishers are done. */
const SILENCE_MS = 3_000;

const TIMEOUT_MS = 600_000;
const say = (line: string) => console.log(`  ${line} …`);

type Stand = {
  broker: TestMosquitto;
  database: BenchDatabase;
  publisher: ChildProcess;
  pki: TestPki;
};

/** What was sent, by everybody, so far. */
type Sent = { windows: number };

/**
 * Publish → committed row: devices with spools over mutual TLS, Mosquitto, one worker, PostgreSQL with its durability on, one window a
 * message. Beside it, on the same machine and in the same run, the two peers: COPY of the same rows into the same table, and a bare client
 * that drains the broker of the same messages. Of a fleet, and beside it of one device, unless their number is given.
 */
export async function run(argv: string[]): Promise<object> {
  const { values } = parseArgs({
    args: argv,
    options: {
      devices: { type: 'string' },
      windows: { type: 'string' },
      seconds: { type: 'string' },
      kills: { type: 'boolean' },
    },
  });
  const { devices, ...flags } = Flags.parse(values);
  if (devices !== undefined) return measure({ ...flags, devices });
  const oneDevice = await measure({ ...flags, devices: ONE });
  return { ...(await measure({ ...flags, devices: FLEET })), oneDevice };
}

async function measure(flags: Flags): Promise<object> {
  return cleaningUp(async (closers) => {
    const stand = await setUp(flags.devices, closers);
    const sent: Sent = { windows: 0 };
    const rounds: Round[] = [];
    const startWorker = () => startWorkerProcess(stand.database.url, stand.pki, stand.broker);
    let worker: Awaited<ReturnType<typeof startWorker>> | undefined;
    closers.push(async () => worker?.kill('SIGTERM'));
    for (let round = 1; round <= ROUNDS; round += 1) {
      await worker?.kill('SIGTERM');
      say(`round ${round}: draining the broker of ${flags.windows} windows with a bare client`);
      const brokerDrainPerSecond = await drainBroker(stand, flags);
      worker = await startWorker();
      say(`round ${round}: ingesting ${flags.windows} windows at full load`);
      rounds.push({ brokerDrainPerSecond, ...(await ingest(stand, worker.pid, flags, sent)) });
    }
    const full = mediansOf(rounds);
    say('waiting until what the flood left is folded');
    await until('the fold', TIMEOUT_MS, () => isFolded(stand));
    say('ingesting at half of that');
    const half = await ingestAtHalf(stand, full.windowsPerSecond, flags, sent);
    const killed = flags.kills
      ? await ingestUnderKills(stand, full.windowsPerSecond, flags, sent, async () => {
          await worker?.kill('SIGKILL');
          worker = await startWorker();
        })
      : {};
    const counts = await countRows(stand, sent);
    const copyRowsPerSecond = await copySameRows(stand);
    const ratios = rounds.map((each) => each.windowsPerSecond / Math.min(copyRowsPerSecond, each.brokerDrainPerSecond));
    const all = {
      ...full,
      ...half,
      ...killed,
      ...counts,
      copyRowsPerSecond,
      ratioToSlowerPeer: round(quantile(ratios, 0.5), 2),
      devices: flags.devices,
    };
    console.log('');
    for (const [name, value] of Object.entries(all)) console.log(`  ${name.padEnd(26)} ${value}`);
    console.log('');
    return all;
  });
}

async function setUp(devices: number, closers: Closers): Promise<Stand> {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  await chmod(dir, 0o711);
  closers.push(() => rm(dir, { recursive: true, force: true }));
  const pki = await testPki();
  closers.push(pki.remove);
  say('starting database and broker');
  const database = await startBenchDatabase(join(dir, 'data'), closers);
  const broker = await startMosquitto(pki);
  closers.push(broker.remove);
  say(`connecting ${devices === 1 ? 'one device' : `${devices} devices`}`);
  const fleet = await makeFleet(database.url, pki.dir, devices);
  const publisher = fork(join(import.meta.dirname, 'ingest/publisher.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  closers.push(async () => void publisher.kill('SIGKILL'));
  await order(publisher, { kind: 'connect', url: broker.deviceUrl, fleet });
  return { broker, database, publisher, pki };
}

/** The peer before the worker: a client that does nothing with what it gets. */
async function drainBroker({ broker, publisher }: Stand, { devices, windows }: Flags): Promise<number> {
  const client = await mqtt.connectAsync(broker.serverUrl, {
    ...broker.serverTls,
    clientId: 'server-drain',
    protocolVersion: 4,
    log: () => undefined,
  });
  const received = { count: 0, atMs: performance.now() };
  client.handleMessage = (_packet, done) => {
    received.count += 1;
    received.atMs = performance.now();
    done();
  };
  await client.subscribeAsync(topicOf('+', 'telemetry'), { qos: 1 });
  const depth = Math.ceil(ON_THEIR_WAY / devices);
  const drain = async (count: number) => {
    const [before, startedMs] = [received.count, performance.now()];
    await order(publisher, { kind: 'saturate', windows: count, depth, until: 'puback' });
    // A broker drops what a slow client lets pile up: what came is what was drained.
    await until('the broker to be drained', TIMEOUT_MS, async () => {
      const isAll = received.count - before >= count;
      return isAll || performance.now() - received.atMs > SILENCE_MS;
    });
    return (received.count - before) / ((received.atMs - startedMs) / 1000);
  };
  await drain(WARM_UP);
  const perSecond = await drain(windows);
  await client.endAsync();
  return round(perSecond);
}

async function ingest(stand: Stand, worker: number, { devices, windows }: Flags, sent: Sent) {
  const { publisher } = stand;
  const depth = Math.ceil(ON_THEIR_WAY / devices);
  const warmUp = await order(publisher, { kind: 'saturate', windows: WARM_UP, depth, until: 'acknowledged' });
  const cpuBefore = await cpuOf(stand, worker);
  const full = await order(publisher, { kind: 'saturate', windows, depth, until: 'acknowledged' });
  const cpu = mapValues(await cpuOf(stand, worker), (used, part) => used - cpuBefore[part]);
  sent.windows += warmUp.sent + full.sent;
  return {
    windowsPerSecond: round(full.sent / full.seconds),
    perCorePerSecond: round(full.sent / (cpu.worker + cpu.database + cpu.broker)),
    workerCpuSeconds: round(cpu.worker, 2),
    databaseCpuSeconds: round(cpu.database, 2),
    brokerCpuSeconds: round(cpu.broker, 2),
  };
}

type Round = Awaited<ReturnType<typeof ingest>> & { brokerDrainPerSecond: number };

function mediansOf(rounds: readonly Round[]): Round {
  const [first] = rounds;
  if (!first) throw new Error('there are rounds');
  return mapValues(first, (_, name) => {
    const values = rounds.map((each) => each[name]);
    return quantile(values, 0.5);
  });
}

/** A flood leaves what half of it would not: rows that wait to be added to the rollups. */
async function isFolded({ database }: Stand): Promise<boolean> {
  const { rows } = await database.client.query<{ isFolded: boolean }>(
    'SELECT NOT EXISTS (SELECT FROM telemetry_added) AS "isFolded"',
  );
  return rows[0]?.isFolded ?? false;
}

async function ingestAtHalf({ publisher, database }: Stand, fullPerS: number, { seconds }: Flags, sent: Sent) {
  const windowsPerS = fullPerS / 2;
  const settled = await order(publisher, { kind: 'pace', windowsPerS, seconds: SETTLE_S });
  const looks = watchTransactions(database.client);
  const half = await order(publisher, { kind: 'pace', windowsPerS, seconds });
  const visible = await visibleAfterMs(database.client, half.published, await looks());
  sent.windows += settled.sent + half.sent;
  return {
    p50VisibleMs: round(quantile(visible, 0.5)),
    p99VisibleMs: round(quantile(visible, 0.99)),
    p99AcknowledgedMs: round(quantile(half.acknowledgedAfterMs, 0.99)),
  };
}

/** Worker, broker and database are killed in turn while devices send as fast as they may; ends when every window is acknowledged. */
async function ingestUnderKills(
  stand: Stand,
  fullPerS: number,
  { devices, windows }: Flags,
  sent: Sent,
  killWorker: () => Promise<void>,
) {
  const { publisher, broker, database } = stand;
  say(`ingesting ${windows} windows while worker, broker and database are killed`);
  const killBroker = async () => {
    await broker.kill();
    await broker.start();
  };
  const depth = Math.ceil(ON_THEIR_WAY / devices);
  const answer = order(publisher, { kind: 'saturate', windows, depth, until: 'acknowledged' });
  let isOver = false;
  const over = answer.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined);
  const each = [killWorker, killBroker, database.killAndStart];
  const all = [...each, ...each];
  const betweenMs = Math.min(BETWEEN_KILLS_MS, ((windows / fullPerS) * 1000) / (all.length + 1));
  let kills = 0;
  for (const kill of all) {
    await Promise.race([delay(betweenMs), over]);
    if (isOver) break;
    await kill();
    kills += 1;
  }
  const { seconds, sent: more } = await answer;
  sent.windows += more;
  return { kills, underKillsPerSecond: round(more / seconds) };
}

async function countRows({ database }: Stand, { windows }: Sent) {
  const client = await database.connect();
  const { rows } = await client.query<{ stored: number; distinct: number }>(
    `SELECT count(*)::int AS stored, count(DISTINCT (device_id, boot, seq, position))::int AS distinct FROM telemetry_window`,
  );
  const { stored = 0, distinct = 0 } = rows[0] ?? {};
  return { lost: windows - distinct, duplicates: stored - distinct };
}

/** The peer behind the worker: the rows that it stored, by COPY, into the same table with its indexes. */
async function copySameRows({ database: { connect, dataDir } }: Stand): Promise<number> {
  say('storing the same rows by COPY');
  const database = await connect();
  const path = join(dataDir, 'bench.copy');
  await database.query(`COPY (SELECT * FROM telemetry_window) TO ${pg.escapeLiteral(path)} (FORMAT binary)`);
  await database.query('TRUNCATE telemetry_window');
  await database.query('CHECKPOINT');
  const startedMs = performance.now();
  const { rowCount } = await database.query(`COPY telemetry_window FROM ${pg.escapeLiteral(path)} (FORMAT binary)`);
  return round((rowCount ?? 0) / ((performance.now() - startedMs) / 1000));
}

async function order(publisher: ChildProcess, what: Order): Promise<Answer> {
  publisher.send(what);
  const answered = new AbortController();
  const { signal } = answered;
  const exited = once(publisher, 'exit', { signal }).then(() => {
    throw new Error('the publisher ended');
  });
  exited.catch(() => undefined);
  const [answer] = await Promise.race([once(publisher, 'message', { signal }), exited]);
  answered.abort();
  return answer as Answer;
}

async function cpuOf({ database, broker }: Stand, worker: number) {
  return {
    worker: await cpuSecondsOf(worker),
    database: await cpuSecondsOf(await database.pid()),
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
