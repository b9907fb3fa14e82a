import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { registerVersion } from '../main/demo/seed.ts';
import { until } from '../main/local/until.ts';
import { type BenchStack, startBenchStack } from './rollout/bench-stack.ts';
import { cpuOf, spentSince } from './rollout/cpu.ts';
import { endStateOf } from './rollout/end-state.ts';
import { killWorkerInTheMiddle } from './rollout/kill-worker.ts';
import { rawFanOutS } from './rollout/raw-fan-out.ts';
import { countStatementsOf, forgetStatements, OUR_OWN } from './rollout/statements.ts';
import { goDark } from './rollout/trouble.ts';

const Share = z.coerce.number().min(0).max(0.9).default(0);
const Flags = z.object({
  devices: z.coerce.number().int().min(10).max(20_000).default(10_000),
  /** Telemetry comes from each device once in so many seconds. */
  'window-s': z.coerce.number().int().min(1).max(3_600).default(60),
  /** Shares of the devices that are away, and that fail the proof of the release. */
  offline: Share,
  failing: Share,
  'kill-worker': z.boolean().default(false),
  /** So many of the most frequent statements are printed. */
  statements: z.coerce.number().int().min(0).max(100).default(0),
  'state-dir': z.string().default('.flotilla'),
});

const PREPARE_TIMEOUT_MS = 600_000;
const ROLLOUT_TIMEOUT_MS = 300_000;

/** How often the rollout is looked at: rarely, and in statements that are not counted. */
const LOOK_MS = 500;

/** Noise of the start settles for this long before anything is measured. */
const SETTLE_MS = 5_000;

/** At least one round of telemetry, which comes from all devices at the same time. */
const REST_MS = 60_000;

/** Between rounds that are closer than this there is no room for a rollout. */
const SEPARATE_ROUNDS_S = 40;
const ROUND_TIMEOUT_MS = 120_000;

const [OLD, NEW] = ['1.0.0', '2.0.0'] as const;

const say = (line: string) => console.log(`  ${line} …`);

/**
 * Time from start to the last device's confirmed state, for a release that every device holds but does not serve. The devices send telemetry all
 * the while, and what it costs is counted with the rest; beside it stands what the same fleet asks of the database while nothing is rolled out.
 */
export async function run(argv: string[]): Promise<object> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: argv,
    options: {
      devices: text,
      'window-s': text,
      offline: text,
      failing: text,
      'kill-worker': { type: 'boolean' },
      statements: text,
      'state-dir': text,
    },
  });
  const flags = Flags.parse(values);
  const settings = ['pace=0', `offlineShare=${flags.offline}`, `failingShare=${flags.failing}`];
  const simulator = [...settings.flatMap((setting) => ['--set', setting]), '--bad-version', NEW];
  const { devices, 'window-s': windowS, 'state-dir': stateDir } = flags;
  const bench = await startBenchStack({ devices, windowS, stateDir, simulator }, say);
  try {
    const releases = await prepareReleases(bench);
    say('putting both releases on every device');
    for (const releaseId of [releases[NEW], releases[OLD]]) await rollOut(bench, releaseId, PREPARE_TIMEOUT_MS);
    await delay(SETTLE_MS);
    const rawS = await rawFanOutS(bench.stack, bench.database, bench.simulator);
    if (flags.offline + flags.failing > 0) await goDark(bench, say);
    await delay(SETTLE_MS);
    const statementsAtRestPerS = await statementsAtRest(bench);
    await untilRoundIsOver(bench, windowS);
    say('rolling out a release that the devices hold');
    const figures = await measure(bench, releases[NEW], flags, statementsAtRestPerS);
    const all = {
      devices,
      windowS,
      ...figures,
      rawFanOutS: round(rawS),
      timesRawFanOut: round(figures.lastConfirmedS / rawS),
      enrolledPerS: round(bench.enrolled.perS),
      connectedPerS: round(bench.connectedPerS),
    };
    console.log('');
    for (const [name, value] of Object.entries(all)) console.log(`  ${name.padEnd(26)} ${value}`);
    return all;
  } finally {
    await bench.stop();
  }
}

/** Two releases of the demo model that are not observed after the switch. */
async function prepareReleases({ rest }: BenchStack): Promise<Record<typeof OLD | typeof NEW, string>> {
  const make = async (version: string) => {
    await registerVersion(rest, version);
    const release = { model: 'vibration-fault', version, input: { source: 'http' }, observe: { seconds: 0 } };
    return (await rest.call<{ id: string }>('POST', '/releases', release)).id;
  };
  return { [OLD]: await make(OLD), [NEW]: await make(NEW) };
}

/** One wave of all, in which a few may fail and dark devices are left behind. Null when all serve the release already. */
async function startRollout({ rest }: BenchStack, releaseId: string): Promise<string | null> {
  const all = {
    name: 'All',
    size: { percent: 100 },
    success: { minPercent: 95 },
    errors: { maxPercent: 5, minSample: 100 },
    bake: { seconds: 0 },
  };
  const plan = { waves: [all], timeoutS: 3_600, offline: { waitS: 0 } };
  try {
    return (await rest.call<{ id: string }>('POST', '/rollouts', { releaseId, plan, start: true })).id;
  } catch (error) {
    if (error instanceof Error && error.message.includes('already_there')) return null;
    throw error;
  }
}

async function untilOver({ database }: BenchStack, id: string, timeoutMs: number): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await delay(LOOK_MS)) {
    const { rows } = await database.query<{ state: string }>(`SELECT ${OUR_OWN} state FROM rollout WHERE id = $1`, [
      id,
    ]);
    const state = rows[0]?.state;
    if (state === 'succeeded') return;
    if (state !== 'running') throw new Error(`The rollout is ${state} instead of finishing.`);
  }
  throw new Error(`The rollout was not over within ${timeoutMs / 1000} s.`);
}

async function rollOut(bench: BenchStack, releaseId: string, timeoutMs: number): Promise<void> {
  const id = await startRollout(bench, releaseId);
  if (id !== null) await untilOver(bench, id, timeoutMs);
}

/** What the fleet's telemetry and the server's own duties ask of the database while nothing is rolled out. */
async function statementsAtRest({ database }: BenchStack): Promise<number> {
  say('counting the statements of a fleet at rest');
  await forgetStatements(database);
  await delay(REST_MS);
  return (await countStatementsOf(database, 0)) / (REST_MS / 1000);
}

/**
 * The windows of a fleet close at the same moment, and a rollout takes a fraction of their time. One that begins when they are stored is like
 * the next; what a round costs is told apart, as what a fleet at rest asks. Where rounds follow each other closely they are part of it.
 */
async function untilRoundIsOver({ database }: BenchStack, windowS: number): Promise<void> {
  if (windowS < SEPARATE_ROUNDS_S) return;
  await delay(windowS * 1000 - (Date.now() % (windowS * 1000)));
  let stored = 0;
  await until('the round of telemetry', ROUND_TIMEOUT_MS, async () => {
    const before = stored;
    await delay(SETTLE_MS);
    const { rows } = await database.query<{ stored: number }>(
      `SELECT count(*)::int AS stored FROM telemetry_window WHERE received_at > now() - $1 * interval '1 second'`,
      [windowS / 2],
    );
    stored = rows[0]?.stored ?? 0;
    return stored > 0 && stored === before;
  });
}

/** How often a device has said where it stands, on the mean over the fleet. */
async function reportsOf({ database }: BenchStack): Promise<number> {
  const { rows } = await database.query<{ reports: number }>(
    `SELECT ${OUR_OWN} avg(reported_rev)::float8 AS reports FROM device WHERE decommissioned_at IS NULL`,
  );
  return rows[0]?.reports ?? 0;
}

async function measure(
  bench: BenchStack,
  releaseId: string,
  flags: z.infer<typeof Flags>,
  statementsAtRestPerS: number,
) {
  const { database, simulator } = bench;
  await forgetStatements(database);
  const before = await cpuOf(bench);
  const reportsBefore = await reportsOf(bench);
  const id = await startRollout(bench, releaseId);
  if (id === null) throw new Error('The devices serve the release before it is rolled out.');
  if (flags['kill-worker']) await killWorkerInTheMiddle(bench, id);
  await untilOver(bench, id, ROLLOUT_TIMEOUT_MS);
  const spent = await spentSince(before, bench);
  const statements = await countStatementsOf(database, flags.statements);
  const { rows } = await database.query<{
    confirmed: number;
    t50: number;
    t99: number;
    last: number;
    over: number;
  }>(
    `SELECT count(*)::int AS confirmed, percentile_cont(0.5) WITHIN GROUP (ORDER BY s) AS t50, percentile_cont(0.99) WITHIN GROUP (ORDER BY s) AS t99, max(s) AS last, max(over) AS over
     FROM (SELECT extract(epoch FROM d.finished_at - r.started_at)::float8 AS s, extract(epoch FROM r.finished_at - r.started_at)::float8 AS over
           FROM deployment d JOIN rollout r ON r.id = d.rollout_id WHERE r.id = $1 AND d.state = 'succeeded') AS each`,
    [id],
  );
  const [time] = rows;
  if (!time) throw new Error('There is nothing to measure.');
  const { ledger } = await simulator.report();
  return {
    confirmed: time.confirmed,
    lastConfirmedS: round(time.last),
    t50S: round(time.t50),
    t99S: round(time.t99),
    rolloutOverS: round(time.over),
    statementsPer100Devices: round((100 * statements) / time.confirmed),
    statementsAtRestPerS: round(statementsAtRestPerS),
    reportsPerDevice: round((await reportsOf(bench)) - reportsBefore),
    workerCpuS: round(spent.worker),
    brokerCpuS: round(spent.broker),
    postgresCpuS: round(spent.postgres),
    simulatorCpuS: round(spent.simulator),
    toldTwoThings: ledger.conflicts.length + ledger.fallen.length,
    ...(await endStateOf(database, id)),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
