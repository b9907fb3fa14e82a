import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { registerVersion } from '../main/demo/seed.ts';
import { until } from '../main/local/until.ts';
import { type BenchStack, cpuSecondsOf, startBenchStack } from './rollout/bench-stack.ts';
import { rawFanOutS } from './rollout/raw-fan-out.ts';

const Flags = z.object({
  devices: z.coerce.number().int().min(10).max(20_000).default(10_000),
  'state-dir': z.string().default('.flotilla'),
});

const PREPARE_TIMEOUT_MS = 600_000;
const ROLLOUT_TIMEOUT_MS = 300_000;

/** What is asked of the database while it works: rarely, and marked, so that it is not counted. */
const LOOK_MS = 500;
const OUR_OWN = '/* bench */';

/** Noise of the start settles for this long before anything is measured. */
const SETTLE_MS = 5_000;

const parts = ['postgres', 'broker', 'worker', 'web'] as const;
const say = (line: string) => console.log(`  ${line} …`);

/** Time from start to the last device's confirmed state, for a release that every device holds but does not serve. */
export async function run(argv: string[]): Promise<object> {
  const { values } = parseArgs({
    args: argv,
    options: { devices: { type: 'string' }, 'state-dir': { type: 'string' } },
  });
  const { devices, 'state-dir': stateDir } = Flags.parse(values);
  const bench = await startBenchStack({ devices, stateDir, settings: ['pace=0'] }, say);
  try {
    const [one, two] = await prepareReleases(bench);
    say('putting both releases on every device');
    for (const releaseId of [one, two]) await rollOut(bench, releaseId, PREPARE_TIMEOUT_MS);
    await delay(SETTLE_MS);
    const rawS = await rawFanOutS(bench.stack, bench.database, bench.simulator);
    await delay(SETTLE_MS);
    say('rolling out a release that the devices hold');
    const figures = await measure(bench, one);
    const all = {
      devices,
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
async function prepareReleases({ rest }: BenchStack): Promise<[string, string]> {
  const make = async (version: string) => {
    await registerVersion(rest, version);
    const release = { model: 'vibration-fault', version, input: { source: 'http' }, observe: { seconds: 0 } };
    return (await rest.call<{ id: string }>('POST', '/releases', release)).id;
  };
  return [await make('1.0.0'), await make('2.0.0')];
}

async function rollOut(bench: BenchStack, releaseId: string, timeoutMs: number): Promise<string> {
  const { rest, database } = bench;
  const all = { name: 'All', size: { percent: 100 }, success: { minPercent: 100 }, bake: { seconds: 0 } };
  const { id } = await rest.call<{ id: string }>('POST', '/rollouts', {
    releaseId,
    plan: { waves: [all], timeoutS: 3_600 },
    start: true,
  });
  await until('the rollout to end', timeoutMs, async () => {
    const { rows } = await database.query<{ state: string }>(`SELECT ${OUR_OWN} state FROM rollout WHERE id = $1`, [
      id,
    ]);
    if (rows[0]?.state !== 'running' && rows[0]?.state !== 'succeeded')
      throw new Error(`The rollout is ${rows[0]?.state} instead of finishing.`);
    await delay(LOOK_MS);
    return rows[0].state === 'succeeded';
  });
  return id;
}

async function measure(bench: BenchStack, releaseId: string) {
  const { database, stack, simulator } = bench;
  const cpuNow = async () => {
    const seconds = await Promise.all(parts.map((part) => cpuSecondsOf(stack.supervisor.pidOf(part))));
    return { worker: seconds[2] ?? 0, broker: seconds[1] ?? 0, simulator: (await simulator.report()).cpuS };
  };
  await database.query('SELECT pg_stat_statements_reset()');
  const before = await cpuNow();
  const id = await rollOut(bench, releaseId, ROLLOUT_TIMEOUT_MS);
  const after = await cpuNow();
  const { rows: statements } = await database.query<{ n: number }>(
    'SELECT sum(calls)::int AS n FROM pg_stat_statements WHERE query NOT LIKE $1',
    [`%${OUR_OWN}%`],
  );
  const { rows: times } = await database.query<{
    devices: number;
    t50: number;
    t99: number;
    last: number;
    over: number;
  }>(
    `SELECT count(*)::int AS devices, percentile_cont(0.5) WITHIN GROUP (ORDER BY s) AS t50, percentile_cont(0.99) WITHIN GROUP (ORDER BY s) AS t99, max(s) AS last, max(over) AS over
     FROM (SELECT extract(epoch FROM d.finished_at - r.started_at)::float8 AS s, extract(epoch FROM r.finished_at - r.started_at)::float8 AS over
           FROM deployment d JOIN rollout r ON r.id = d.rollout_id WHERE r.id = $1 AND d.state = 'succeeded') AS each`,
    [id],
  );
  const [time, count] = [times[0], statements[0]?.n ?? 0];
  if (!time) throw new Error('There is nothing to measure.');
  return {
    confirmed: time.devices,
    lastConfirmedS: round(time.last),
    t50S: round(time.t50),
    t99S: round(time.t99),
    rolloutOverS: round(time.over),
    statementsPer100Devices: round((100 * count) / time.devices),
    workerCpuS: round(after.worker - before.worker),
    brokerCpuS: round(after.broker - before.broker),
    simulatorCpuS: round(after.simulator - before.simulator),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
