import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Board } from '../testing/board.ts';
import { startTestStack } from '../testing/stack.ts';
import { startAgents } from './demo/agents.ts';
import { demoOwner } from './demo/owner.ts';
import { makeRelease, registerVersion, rollOutFirst, rollOutNext, untilOnline } from './demo/seed.ts';
import { RestClient } from './local/rest-client.ts';
import { until } from './local/until.ts';

type Rollout = { id: string; state: string };
type Device = { serving: { version: string } | null };

const DEVICES = 3;
const PADDING_BYTES = 96 * 2 ** 20;
const models = resolve(import.meta.dirname, '../../agent/demo-models');

let stack: Awaited<ReturnType<typeof startTestStack>>;
let rest: RestClient;
let database: pg.Pool;
const board = (name: string) => new Board(stack.state, name);

beforeAll(async () => {
  stack = await startTestStack({ FLOTILLA_TELEMETRY_WINDOW_S: '2' });
  rest = new RestClient(stack.url, (await demoOwner(stack)).apiKey);
  await startAgents(stack, rest, DEVICES);
  await untilOnline(rest, DEVICES);
  for (const version of ['1.0.0', '2.0.0']) await registerVersion(rest, version);
  await rollOutFirst(rest, await makeRelease(rest, '1.0.0'));
  database = new pg.Pool({ connectionString: stack.databaseUrl, max: 2 });
  database.on('error', () => undefined);
}, 180_000);

afterAll(async () => {
  await database?.end();
  await stack?.remove();
}, 60_000);

test('a rollout ends well while everything is killed under it, each device serves, and no window is lost or stored twice', async () => {
  const rolloutId = await rollOutNext(rest, await makeRelease(rest, '2.0.0'), 6);
  const untouched = ['press-01', 'press-03'].map((name) => board(name).load(50));
  let kills = 0;
  for (const name of ['worker', 'broker', 'press-02', 'postgres', 'web', 'worker', 'press-02', 'broker', 'postgres']) {
    await delay(1_500);
    if (kill(name)) kills += 1;
  }
  expect(kills, 'processes killed').toBeGreaterThanOrEqual(7);
  expect(await untilOver(rolloutId)).toBe('succeeded');
  for (const load of untouched) {
    const { answered, failures } = await load.stop();
    expect(failures, 'requests to a device that was not killed').toEqual([]);
    expect(answered).toBeGreaterThan(50);
  }
  for (const name of ['press-01', 'press-02', 'press-03']) expect(await board(name).servedVersion()).toBe('2.0.0');
  const { rows: deployments } = await database.query(
    'SELECT state, count(*)::int AS n FROM deployment WHERE rollout_id = $1 GROUP BY state',
    [rolloutId],
  );
  expect(deployments).toEqual([{ state: 'succeeded', n: DEVICES }]);
  await until('the spools to be empty', 30_000, async () => (await missingWindows()) === 0);
  const { rows: twice } = await database.query(
    'SELECT 1 FROM telemetry_window GROUP BY device_id, boot, seq, position HAVING count(*) > 1',
  );
  expect(twice, 'windows stored twice').toEqual([]);
}, 240_000);

test('an agent killed in the middle of a download goes on where it was, and ends in the new version', async () => {
  const { sha256, sizeBytes: size } = await registerLargeVersion('2.1.0');
  const press = board('press-01');
  const rolloutId = await rollOut('stage=canary', await makeRelease(rest, '2.1.0'));
  const part = join(press.dataDir, 'artifacts', `${sha256}.part`);
  while ((await sizeOf(part)) === 0) await delay(1);
  expect(kill('press-01')).toBe(true);
  const held = await sizeOf(part);
  expect(held).toBeLessThan(size);
  expect(await untilOver(rolloutId)).toBe('succeeded');
  expect(press.log()).toContain(`downloading ${sha256.slice(0, 12)} from byte ${held}`);
  expect(await press.servedVersion()).toBe('2.1.0');
}, 180_000);

test('an agent killed in the middle of a switch serves the old or the new version, and the server knows which', async () => {
  const press = board('press-02');
  const before = press.log().length;
  const rolloutId = await rollOut('site=oslo', await makeRelease(rest, '1.0.0'));
  while (!press.log().slice(before).includes('→ switching')) await delay(1);
  expect(kill('press-02')).toBe(true);
  const state = await untilOver(rolloutId);
  const served = await until('an answer', 30_000, () => press.servedVersion());
  expect([state, served]).toEqual(state === 'succeeded' ? ['succeeded', '1.0.0'] : ['paused', '2.0.0']);
  await until('the server to know', 30_000, async () => {
    const { serving } = await rest.call<Device>('GET', `/devices/${await press.deviceId()}`);
    return serving?.version === served;
  });
}, 180_000);

/** SIGKILL, as a lack of memory does it. False when the process is down already. */
function kill(name: string): boolean {
  const pid = stack.supervisor.pidOf(name);
  try {
    return pid !== undefined && process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** Sequence numbers below the highest one that a device has sent in a boot, and that are not stored. */
async function missingWindows(): Promise<number> {
  const { rows } = await database
    .query<{ missing: number }>(
      `SELECT coalesce(sum(highest - n), 0)::int AS missing FROM (
         SELECT max(seq) AS highest, count(DISTINCT seq) AS n FROM telemetry_window GROUP BY device_id, boot) AS boots`,
    )
    .catch(() => ({ rows: [] }));
  return rows[0]?.missing ?? -1;
}

/** The state in which a rollout ends; a server that is down meanwhile is asked again. */
function untilOver(rolloutId: string): Promise<string> {
  return until('the rollout to end', 120_000, async () => {
    const rollout = await rest.call<Rollout>('GET', `/rollouts/${rolloutId}`).catch(() => null);
    return rollout && !['scheduled', 'running', 'rolling_back'].includes(rollout.state) && rollout.state;
  });
}

async function rollOut(selector: string, releaseId: string): Promise<string> {
  const waves = [
    {
      name: 'All',
      size: { percent: 100 },
      success: { minPercent: 100 },
      errors: { maxPercent: 0 },
      bake: { seconds: 0 },
    },
  ];
  const { id } = await rest.call<Rollout>('POST', '/rollouts', {
    releaseId,
    plan: { selector, waves, timeoutS: 120 },
    start: true,
  });
  return id;
}

/** Version 2 with a field after it that no reader knows, so that its download takes long enough to be cut. */
async function registerLargeVersion(version: string): Promise<{ sha256: string; sizeBytes: number }> {
  const padding = Buffer.alloc(PADDING_BYTES, 'flotilla');
  const head = [0xc2, 0x3e]; // Field 1000, length-delimited.
  for (let left = PADDING_BYTES; left > 0; left = Math.floor(left / 128))
    head.push((left % 128) | (left >= 128 ? 0x80 : 0));
  const model = Buffer.concat([await readFile(join(models, 'vibration-fault-2.0.0.onnx')), Buffer.from(head), padding]);
  const form = new FormData();
  form.append('model', new Blob([model]), 'model.onnx');
  form.append('golden', new Blob([await readFile(join(models, 'vibration-fault-2.0.0.golden.json'))]), 'golden.json');
  form.append('labels', new Blob([await readFile(join(models, 'labels.json'))]), 'labels.json');
  return await rest.call('POST', `/models/vibration-fault/versions?version=${version}`, form);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
