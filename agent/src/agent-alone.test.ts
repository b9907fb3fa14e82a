import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agent } from './agent/agent.ts';
import { openDurable } from './agent/durable.ts';
import { openMachine } from './agent/machine.ts';
import { openIdentity } from './agent/open-identity.ts';
import type { AgentOptions } from './agent/options.ts';
import { enrollDevice } from './cli/enroll-device.ts';
import { createLogger } from './logger.ts';
import { layoutOf } from './state/layout.ts';
import { nodeFileSystem } from './state/node-file-system.ts';
import { childrenOf, deployment } from './testing/agent-suite.ts';
import { demoRelease } from './testing/demo-release.ts';
import { startTestServer, TEST_TOKEN } from './testing/test-server.ts';
import { until } from './testing/wait.ts';

const DAY_MS = 86_400_000;
/** A start of a runner on a machine that is busy with other tests. */
const SLOW_MS = 60_000;
const WEEKS_MS = 6 * 7 * DAY_MS;
const tensor = { name: 'signal', datatype: 'FP32', shape: [1, 256], data: Array.from({ length: 256 }, () => 0.5) };

let dir: string;
let offsetMs: number;
let options: AgentOptions;
let agents: Agent[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flotilla-alone-'));
  offsetMs = 0;
  agents = [];
  const now = () => Date.now() + offsetMs;
  options = {
    ...{ fs: nodeFileSystem, layout: layoutOf(dir), logger: createLogger(() => {}, now), now, random: Math.random },
    ...{ version: '0.0.0', isUpgradable: false, runnerEntry: join(import.meta.dirname, 'runner/main.ts'), oipPort: 0 },
    ...{ engineSocket: join(dir, 'no-engine.sock'), sysfs: '/sys', procfs: '/proc', osRelease: '/etc/os-release' },
  };
});
afterEach(async () => {
  for (const agent of agents) await agent.stop();
  await rm(dir, { recursive: true, force: true });
});

async function startAgent(): Promise<{ agent: Agent; url: string }> {
  const opened = await openIdentity(options.fs, options.layout);
  if (!opened) throw new Error('not enrolled');
  const durable = await openDurable(options, opened);
  const agent = new Agent(options, opened, durable, await openMachine(options), () => {});
  agents.push(agent);
  return { agent, url: `${await agent.start()}/v2/models/vibration-fault` };
}

async function expectAnswer(url: string): Promise<void> {
  const response = await fetch(`${url}/infer`, { method: 'POST', body: JSON.stringify({ inputs: [tensor] }) });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ model_version: '1.0.0' });
}

test('six weeks without server and broker change nothing about serving, over a crash and a restart too', {
  timeout: 2 * SLOW_MS,
}, async () => {
  const server = await startTestServer();
  const order = { server: server.url, token: TEST_TOKEN };
  const deviceId = await enrollDevice(options, order, new AbortController().signal);
  const before = await startAgent();
  const release = demoRelease(server.artifacts, 1, { input: { source: 'http' } });
  await server.desire(deviceId, { default: { deployment: deployment(1), release } });
  await until('it is active', () => server.latest()?.slots.default?.phase === 'active', SLOW_MS);
  await server.stop();

  for (; offsetMs < WEEKS_MS; offsetMs += DAY_MS) await expectAnswer(before.url);
  const [runner] = childrenOf(process.pid);
  process.kill(runner ?? 0, 'SIGKILL');
  await until('it is gone', () => !childrenOf(process.pid).includes(runner ?? 0));
  await until('another one is there', async () => (await fetch(`${before.url}/ready`)).status === 200);
  await expectAnswer(before.url);

  await before.agent.stop();
  agents.pop();
  const after = await startAgent();
  await expectAnswer(after.url);
  await until('it says that no fresh document came', () => spooled().includes('desired.frozen'));
  const journal = JSON.parse(readFileSync(options.layout.slotJournal('default'), 'utf8'));
  expect(journal).toMatchObject({ phase: 'active', serving: { release: { id: release.id } } });
});

function spooled(): string {
  const events = join(options.layout.spool, 'events');
  return readdirSync(events)
    .map((name) => readFileSync(join(events, name), 'latin1'))
    .join('');
}
