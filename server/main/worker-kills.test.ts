import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestStack } from '../testing/stack.ts';
import { demoOwner } from './demo/owner.ts';
import { makeRelease, registerVersion } from './demo/seed.ts';
import { RestClient } from './local/rest-client.ts';
import { type Simulator, startSimulator } from './local/simulator.ts';
import { until } from './local/until.ts';

const DEVICES = 500;
const KILLS = 20;

/** Of them right after the worker became the engine: the others fall on its start, on ingest, or on nothing at all. */
const KILLS_OF_ENGINE = 8;

/** A worker is killed at some moment of this: its first look at a rollout takes about half of it on a busy machine. */
const LONGEST_LIFE_MS = 2_000;

/** Of the devices that fail their proof, so that deployments end in two ways. */
const FAILING_SHARE = 0.03;

/** Devices that fail do so first, and must not stop a wave whose other devices are on their way; the rollout lasts longer than the kills. */
const waves = [2, 5, 10, 20, 40, 60, 80, 100].map((percent) => ({
  name: `${percent} %`,
  size: { percent },
  success: { minPercent: 80 },
  errors: { maxPercent: 50 },
  bake: { seconds: 4 },
}));

/** Every change of a deployment's state and of a device's generation, written by the database itself. */
const WITNESS = `
  CREATE TABLE witness (at timestamptz DEFAULT clock_timestamp(), what text, id uuid, before text, after text);
  CREATE FUNCTION witness_deployment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO witness (what, id, before, after) VALUES ('deployment', NEW.id, OLD.state, NEW.state); RETURN NEW; END $$;
  CREATE TRIGGER witness_deployment AFTER UPDATE OF state ON deployment FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION witness_deployment();
  CREATE FUNCTION witness_desired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO witness (what, id, before, after) VALUES ('generation', NEW.device_id, CASE TG_OP WHEN 'UPDATE' THEN OLD.generation ELSE 0 END, NEW.generation); RETURN NEW; END $$;
  CREATE TRIGGER witness_desired AFTER INSERT OR UPDATE ON desired_state FOR EACH ROW EXECUTE FUNCTION witness_desired();`;

let stack: Awaited<ReturnType<typeof startTestStack>>;
let rest: RestClient;
let database: pg.Pool;
let simulator: Simulator;

beforeAll(async () => {
  stack = await startTestStack({ FLOTILLA_TELEMETRY_WINDOW_S: '5' });
  rest = new RestClient(stack.url, (await demoOwner(stack)).apiKey);
  database = new pg.Pool({ connectionString: stack.databaseUrl, max: 2 });
  await database.query(WITNESS);
  const { secret: token } = await rest.call<{ secret: string }>('POST', '/enrollment-tokens', {
    name: 'Simulated devices',
    maxUses: DEVICES,
    expiresInS: 3_600,
  });
  const settings = ['pace=0.5', `failingShare=${FAILING_SHARE}`].flatMap((setting) => ['--set', setting]);
  simulator = startSimulator({
    url: stack.url,
    token,
    dir: join(stack.dir, 'simulator'),
    flags: ['--devices', String(DEVICES), '--bad-version', '1.0.0', ...settings],
    logFile: join(stack.state.logDir, 'simulator.log'),
  });
  expect((await simulator.ready).connected).toBe(DEVICES);
  await registerVersion(rest, '1.0.0');
}, 400_000);

afterAll(async () => {
  await simulator?.stop();
  await database?.end();
  await stack?.remove();
}, 60_000);

test(`a rollout to ${DEVICES} devices ends as it should though its worker is killed ${KILLS} times: nothing is forgotten, nothing done twice`, async () => {
  const { id } = await rest.call<{ id: string }>('POST', '/rollouts', {
    releaseId: await makeRelease(rest, '1.0.0'),
    plan: { waves, timeoutS: 300 },
    start: true,
  });
  for (let kill = 0; kill < KILLS; kill += 1) await killWorker((kill * KILLS_OF_ENGINE) % KILLS < KILLS_OF_ENGINE);
  const stateAtLastKill = await stateOf(id);
  await until('the rollout to end', 240_000, async () => (await stateOf(id)) === 'succeeded').catch(async (cause) => {
    throw new Error(await standing(id), { cause });
  });
  expect(stateAtLastKill, 'the kills fell into the rollout').toBe('running');
  await until('the outbox to be empty', 20_000, async () => (await count('FROM outbox')) === 0);

  expect(await ends(id)).toEqual({ succeeded: DEVICES - (await failing(id)), rejected: await failing(id) });
  expect(await failing(id)).toBeGreaterThan(0);
  expect(await count('FROM deployment WHERE rollout_id = $1 AND finished_at IS NULL', id), 'open deployments').toBe(0);
  expect(await histories(), 'each is told once and ends once').toEqual([{ told: 1, ended: 1, n: DEVICES }]);
  expect(await count("FROM witness WHERE what = 'generation' AND after::int <> before::int + 1"), 'leaps').toBe(0);
  expect(await count("FROM witness WHERE what = 'generation'"), 'documents written').toBe(DEVICES);
  expect(await decisions(id)).toEqual({
    'start-wave': waves.length,
    'bake-wave': waves.length,
    'pass-wave': waves.length,
    finish: 1,
    told: DEVICES,
  });

  const { connected, ledger } = await simulator.report();
  expect([connected, ledger.conflicts, ledger.fallen]).toEqual([DEVICES, [], []]);
  const twice =
    'FROM (SELECT FROM telemetry_window GROUP BY device_id, boot, seq, position HAVING count(*) > 1) AS twice';
  expect(await count(twice), 'windows stored twice').toBe(0);
  const doneTwice = `FROM (SELECT FROM device_event WHERE kind = 'phase' AND details ->> 'to' IN ('active', 'failed')
    GROUP BY deployment_id HAVING count(*) > 1) AS twice`;
  expect(await count(doneTwice), 'devices that did it twice').toBe(0);
}, 600_000);

/** Who held the engine's lease at the last kill: dead since. */
let deadEngine = '';

/** SIGKILL at a random moment, and a new worker at once. */
async function killWorker(isAimedAtEngine: boolean): Promise<void> {
  const pid = stack.supervisor.pidOf('worker');
  if (isAimedAtEngine)
    await until('another engine', 30_000, async () => ![deadEngine, ''].includes(await engineHolder()));
  await delay(Math.random() * LONGEST_LIFE_MS);
  if (pid === undefined || pid !== stack.supervisor.pidOf('worker')) throw new Error('The worker ended by itself.');
  deadEngine = await engineHolder();
  process.kill(pid, 'SIGKILL');
  await until('the next worker', 10_000, async () => {
    stack.supervisor.revive('worker');
    return stack.supervisor.pidOf('worker') !== pid;
  });
}

async function engineHolder(): Promise<string> {
  const { rows } = await database.query<{ holder: string }>("SELECT holder FROM lease WHERE name = 'rollout-engine'");
  return rows[0]?.holder ?? '';
}

async function stateOf(id: string): Promise<string> {
  return (await rest.call<{ state: string }>('GET', `/rollouts/${id}`)).state;
}

/** All that tells where a rollout stands still: in the devices, on their way to the database, or in the engine. */
async function standing(id: string): Promise<string> {
  const tell = async (sql: string) => JSON.stringify((await database.query(sql)).rows);
  const simulated = await simulator.report().catch(String);
  const log = await readFile(join(stack.state.logDir, 'worker.log'), 'utf8');
  return [
    `The rollout is ${await stateOf(id)}, its deployments ${JSON.stringify(await ends(id))}`,
    `slots: ${await tell('SELECT phase, count(*)::int, max(now() - updated_at)::text AS longest, min(now() - updated_at)::text AS shortest FROM device_slot GROUP BY phase')}`,
    `devices: ${await tell('SELECT online, count(*)::int, min(now() - last_heard_at)::text AS shortest FROM device GROUP BY online')}`,
    `engine: ${await tell('SELECT holder, (expires_at - now())::text AS for FROM lease')}, outbox: ${await count('FROM outbox')}`,
    `database: ${await tell("SELECT state, wait_event_type, wait_event, left(query, 90) AS query, (now() - xact_start)::text AS since FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'")}`,
    `simulator: ${JSON.stringify(simulated)}`,
    ...log.trim().split('\n').slice(-15),
  ].join('\n');
}

async function count(from: string, ...values: string[]): Promise<number> {
  const { rows } = await database.query<{ n: number }>(`SELECT count(*)::int AS n ${from}`, values);
  return rows[0]?.n ?? -1;
}

function failing(id: string): Promise<number> {
  return count("FROM deployment WHERE rollout_id = $1 AND reason ->> 'code' = 'proof.golden'", id);
}

async function ends(id: string): Promise<Record<string, number>> {
  const { rows } = await database.query<{ state: string; n: number }>(
    'SELECT state, count(*)::int AS n FROM deployment WHERE rollout_id = $1 GROUP BY state',
    [id],
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

async function histories(): Promise<object[]> {
  const { rows } = await database.query(
    `SELECT told, ended, count(*)::int AS n FROM (
       SELECT count(*) FILTER (WHERE before = 'queued')::int AS told, count(*) FILTER (WHERE after IN ('succeeded', 'rejected', 'failed', 'timed-out', 'cancelled', 'superseded', 'reverted'))::int AS ended
       FROM witness WHERE what = 'deployment' GROUP BY id) AS each GROUP BY told, ended`,
  );
  return rows;
}

async function decisions(id: string): Promise<Record<string, number>> {
  const { rows } = await database.query<{ kind: string; n: number; devices: number }>(
    `SELECT kind, count(*)::int AS n, sum((evidence ->> 'devices')::int)::int AS devices FROM rollout_decision
     WHERE rollout_id = $1 AND actor_kind = 'engine' GROUP BY kind ORDER BY kind`,
    [id],
  );
  return Object.fromEntries(rows.map(({ kind, n, devices }) => (kind === 'notify' ? ['told', devices] : [kind, n])));
}
