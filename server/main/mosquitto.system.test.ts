import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Board } from '../testing/board.ts';
import { testDatabase } from '../testing/database.ts';
import { startMosquitto, type TestMosquitto } from '../testing/mosquitto.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { freePort } from '../testing/ports.ts';
import { serverEnvironment } from '../testing/worker-process.ts';
import { build } from './build.ts';
import { startAgents } from './demo/agents.ts';
import { demoOwner } from './demo/owner.ts';
import { makeRelease, registerVersion, rollOutFirst, rollOutNext, untilOnline, untilReported } from './demo/seed.ts';
import { RestClient } from './local/rest-client.ts';
import type { Stack } from './local/stack.ts';
import { openState } from './local/state.ts';
import { Supervisor } from './local/supervisor.ts';
import { until } from './local/until.ts';

const DEVICES = 2;
const root = resolve(import.meta.dirname, '../..');
const database = testDatabase();
let dir: string;
let pki: TestPki;
let broker: TestMosquitto;
let stack: Stack;
let rest: RestClient;

/** The processes of compose on this machine: Mosquitto, web and two workers, and real agents that know nothing but the server's address. */
beforeAll(async () => {
  await build(['generate', 'agent', 'web'], (line) => console.log(`  ${line} …`));
  dir = await mkdtemp(join(tmpdir(), 'flotilla-system-'));
  pki = await testPki();
  broker = await startMosquitto(pki);
  const state = await openState(dir, 'local');
  const supervisor = new Supervisor();
  const url = `http://127.0.0.1:${await freePort()}`;
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ...serverEnvironment(database.url(), pki, broker),
    NEXT_TELEMETRY_DISABLED: '1',
    FLOTILLA_URL: url,
    FLOTILLA_ARTIFACTS_DIR: state.artifactsDir,
    FLOTILLA_AGENT_DIR: join(root, 'agent'),
    FLOTILLA_TELEMETRY_WINDOW_S: '2',
    NEXTAUTH_URL: url,
    NEXTAUTH_SECRET: 'x'.repeat(32),
  };
  stack = { url, databaseUrl: database.url(), state, supervisor, environment, stop: () => supervisor.stop() };
  for (const [name, program] of [
    ['worker-1', 'worker.ts'],
    ['worker-2', 'worker.ts'],
    ['web', 'web.ts'],
  ] as const) {
    const args = [join(import.meta.dirname, program)];
    supervisor.start({ name, args, env: environment, logFile: join(state.logDir, `${name}.log`) });
  }
  await until('web', 120_000, async () => (await fetch(`${url}/api/health`).catch(() => null))?.ok);
  rest = new RestClient(url, (await demoOwner(stack)).apiKey);
}, 600_000); // With a cold build of web on a busy machine.
afterAll(async () => {
  await stack?.stop();
  await broker?.remove();
  await pki?.remove();
  if (dir) await rm(dir, { recursive: true, force: true });
});

it('agents enroll, are rolled out to, and tell how it goes, while a worker and the broker are killed', async () => {
  await startAgents(stack, rest, DEVICES);
  await untilOnline(rest, DEVICES);
  for (const version of ['1.0.0', '2.0.0']) await registerVersion(rest, version);
  await rollOutFirst(rest, await makeRelease(rest, '1.0.0'), { timeoutMs: 120_000 });
  const rollout = await rollOutNext(rest, await makeRelease(rest, '2.0.0'), 4);
  const victim = stack.supervisor.pidOf('worker-1');
  if (victim) process.kill(victim, 'SIGKILL');
  await broker.kill();
  await broker.start();
  const state = await until('the rollout to end', 180_000, async () => {
    const found = await rest.call<{ state: string }>('GET', `/rollouts/${rollout}`);
    return ['scheduled', 'running', 'rolling_back'].includes(found.state) ? null : found.state;
  });
  expect(state).toBe('succeeded');
  for (const name of ['press-01', 'press-02']) {
    expect(await new Board(stack.state, name).servedVersion()).toBe('2.0.0');
  }
  expect(await untilReported(rest, '2.0.0')).toBeGreaterThan(0);
}, 400_000);
