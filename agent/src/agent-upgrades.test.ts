import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentReport, DesiredAgent } from '@flotilla/protocol';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildAgent } from '../build.ts';
import { demoRelease } from './testing/demo-release.ts';
import { buildCandidate, type Candidate, faults, freePort, InstalledAgent, offer } from './testing/installed-agent.ts';
import { sendRange, startTestServer, type TestServer } from './testing/test-server.ts';
import { until } from './testing/wait.ts';

const MODEL = '/v2/models/vibration-fault';

/** Other work shares the machine: alone it is less than a tenth of this. */
const LONGEST_GAP_MS = 10_000;

const candidates = new Map<keyof typeof faults, Candidate>();
let server: TestServer;
let home: string;
let agent: InstalledAgent;
let installed: string;
beforeAll(async () => {
  await buildAgent();
  ({ version: installed } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../dist/package/manifest.json'), 'utf8'),
  ));
  for (const [at, fault] of (Object.keys(faults) as (keyof typeof faults)[]).entries())
    candidates.set(fault, await buildCandidate(`c0de${at}`, fault));
}, 120_000);
beforeEach(async () => {
  server = await startTestServer();
  home = mkdtempSync(join(tmpdir(), 'flotilla-upgrade-'));
  agent = new InstalledAgent(home, await freePort());
});
afterEach(async ({ task }) => {
  await agent.stop();
  if (task.result?.state === 'fail') process.stderr.write(`\nThe agent's last words:\n${agent.log.slice(-6_000)}\n`);
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

const report = (): AgentReport | undefined => server.latest()?.agent;
const candidate = (fault: keyof typeof faults) => candidates.get(fault) as Candidate;
const told = ({ order }: DesiredAgent) =>
  [...server.state.events.values()].filter(({ upgrade }) => upgrade?.order === order).map(({ to }) => to);
const programs = () => readdirSync(join(agent.data, 'agent')).sort();
const reaches = (phase: string, { order }: DesiredAgent, timeoutMs = 30_000) =>
  until(
    () => `${phase} is reported, but ${JSON.stringify(report())}`,
    () => report()?.phase === phase && report()?.order === order && report(),
    timeoutMs,
  );

/** A client on the device; `stop` resolves with the longest time without an answer. */
function keepAsking(endpoint: string) {
  let isStopped = false;
  let longestMs = 0;
  const asking = (async () => {
    for (let answeredMs = performance.now(); !isStopped; ) {
      const response = await fetch(`${endpoint}${MODEL}`).catch(() => null);
      longestMs = Math.max(longestMs, performance.now() - answeredMs);
      if (response?.status === 200) answeredMs = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await asking;
      return longestMs;
    },
  };
}

/** A device with a model in service, under `slots`, and what tells it to become another agent beside that. */
async function serving() {
  const deviceId = await agent.start(server).deviceId();
  const slots = {
    default: { deployment: randomUUID(), release: demoRelease(server.artifacts, 1, { input: { source: 'http' } }) },
  };
  await server.desire(deviceId, slots);
  await until('version 1 is active', () => server.latest()?.slots.default?.phase === 'active');
  const upgrade = (order: DesiredAgent) => server.desire(deviceId, slots, undefined, order);
  return { deviceId, slots, upgrade };
}
const ask = async () => {
  const response = await fetch(`${agent.endpoint}${MODEL}`).catch(() => null);
  return response ? response.status : null;
};

test('it becomes the wanted version under the same process id, serves on, and says each step once', async () => {
  const { upgrade } = await serving();
  const pid = agent.pid;
  const order = offer(server, candidate('none'));
  const client = keepAsking(agent.endpoint);
  await upgrade(order);
  const reached = await reaches('active', order);
  expect(reached).toMatchObject({ version: candidate('none').version, isUpgradable: true });
  expect(agent.pid).toBe(pid);
  expect(agent.starts).toBe(1);
  expect(await ask()).toBe(200);
  expect(await client.stop()).toBeLessThan(LONGEST_GAP_MS);
  expect(readFileSync(`/proc/${agent.pid}/cmdline`, 'utf8')).toContain(order.packages['linux-x64']?.sha256);
  expect(told(order)).toEqual([
    ...['downloading', 'verifying', 'staging', 'proving', 'switching', 'observing', 'active'],
  ]);
  expect(server.state.sessions.at(-1)).toMatchObject({ agentVersion: candidate('none').version });
  expect(programs()).toEqual([candidate('none').package.sha256, 'launch']);
  await agent.stop('SIGTERM');
  agent.start(server);
  await until('it is the new one after a restart too', () => agent.status?.agentVersion === candidate('none').version);
});

test('the one before is kept, an older one is not; back to a version that ran before is an upgrade like any other', async () => {
  const { upgrade } = await serving();
  const others = [await buildCandidate('aaaa'), await buildCandidate('bbbb'), await buildCandidate('cccc')];
  for (const other of others) {
    const order = offer(server, other);
    await upgrade(order);
    await reaches('active', order);
  }
  const kept = others.slice(1).map(({ package: { sha256 } }) => sha256);
  await until('the oldest is gone', () => programs().length === 3);
  expect(programs()).toEqual([...kept, 'launch'].sort());
  const requests = server.state.artifactRequests.length;
  const back = offer(server, others[1] as Candidate);
  await upgrade(back);
  await reaches('active', back);
  expect(server.state.artifactRequests).toHaveLength(requests);
}, 60_000);

test('one that does not start is refused by the proof, beside the one that serves', async () => {
  const { upgrade } = await serving();
  const pid = agent.pid;
  const order = offer(server, candidate('does not start'));
  await upgrade(order);
  expect((await reaches('failed', order)).reason).toMatchObject({ code: 'upgrade.proof', retry: 'never' });
  expect(agent.pid).toBe(pid);
  expect(report()?.version).toBe(installed);
  await until(
    'nothing is left of it',
    () => !existsSync(join(agent.data, 'agent', candidate('does not start').package.sha256)),
  );
});

test.each(['dies at once', 'dies after a while'] as const)(
  'one that %s is started three times, then the one before runs, says so, and does not try again',
  async (fault) => {
    const { upgrade, deviceId, slots } = await serving();
    const order = offer(server, candidate(fault));
    await upgrade(order);
    const { reason, version } = await reaches('reverted', order, 60_000);
    expect(reason).toMatchObject({ code: 'upgrade.crashed', retry: 'never' });
    expect(version).toBe(installed);
    expect(agent.starts).toBe(4);
    expect(told(order).filter((phase) => phase === 'reverted')).toHaveLength(1);
    await until('it serves', async () => (await ask()) === 200);
    const requests = server.state.artifactRequests.length;
    await server.desire(deviceId, slots, undefined, order);
    await until('the same order came again', () => server.latest()?.generation === 3);
    expect(report()).toMatchObject({ phase: 'reverted', order: order.order });
    expect(server.state.artifactRequests).toHaveLength(requests);
    const again = { ...order, order: randomUUID() };
    await upgrade(again);
    await until('a person who asks again is obeyed', () => told(again).includes('switching'));
  },
  90_000,
);

test('one that never connects goes back in its time; the one before connects at once, so it is to blame', async () => {
  const { upgrade } = await serving();
  const order = offer(server, candidate('never connects'), { confirmWithinS: 5 });
  await upgrade(order);
  await until('it is judged', () => report()?.reason?.retry === 'never' && report()?.phase === 'reverted', 60_000);
  expect(report()).toMatchObject({ version: installed, reason: { code: 'upgrade.no_server' } });
  expect(told(order).slice(-3)).toEqual(['observing', 'reverting', 'reverted']);
  expect(agent.starts).toBe(1);
}, 90_000);

test('one that hangs is ended by the launcher', async () => {
  const { upgrade } = await serving();
  const order = offer(server, candidate('hangs'), { confirmWithinS: 5 });
  await upgrade(order);
  expect((await reaches('reverted', order, 90_000)).reason).toMatchObject({ code: 'upgrade.crashed' });
}, 120_000);

test('one with which the models do not serve goes back', async () => {
  const { upgrade } = await serving();
  const order = offer(server, candidate('does not serve'), { confirmWithinS: 6 });
  await upgrade(order);
  expect((await reaches('reverted', order, 60_000)).reason).toMatchObject({
    code: 'upgrade.slots',
    detail: 'not served again: default',
  });
  await until('it serves', async () => (await ask()) === 200);
}, 90_000);

test('a server that is lost in the middle is not blamed on the new one: it is tried again when the server is back', async () => {
  const { upgrade } = await serving();
  const order = offer(server, candidate('none'), { confirmWithinS: 5 });
  server.state.onArtifact = (request, response, bytes) => {
    if (bytes === candidate('none').bytes) server.state.isAcking = false;
    sendRange(request, response, bytes);
  };
  await upgrade(order);
  await until('it has gone back', () => agent.log.includes('reverting → reverted'), 60_000);
  expect(await until('it serves', async () => (await ask()) === 200)).toBe(true);
  const { since = 0, ...rest } = await reaches('reverted', order);
  expect(rest).toMatchObject({ version: installed, reason: { retry: 'later' } });
  await until('the one before had no answer in that time either', () => Date.now() - since > 5_000);
  server.state.isAcking = true;
  await server.acknowledge(await agent.deviceId());
  await reaches('active', order, 60_000);
}, 120_000);

test('other bytes than were signed are thrown away, and it is tried again', async () => {
  const { upgrade } = await serving();
  const good = candidate('none');
  let isSpoiled = true;
  server.state.onArtifact = (request, response, bytes) => {
    if (bytes !== good.bytes || !isSpoiled) return sendRange(request, response, bytes);
    const spoiled = Buffer.from(bytes);
    spoiled[1000] = (spoiled[1000] ?? 0) ^ 1;
    sendRange(request, response, spoiled);
  };
  const order = offer(server, good);
  await upgrade(order);
  const { reason } = await reaches('failed', order);
  expect(reason).toMatchObject({ code: 'verify.digest', retry: 'later' });
  isSpoiled = false;
  await reaches('active', order, 60_000);
}, 90_000);

test('without a launcher nothing is done, and it is said', async () => {
  const deviceId = await agent.start(server).deviceId();
  await until('it says that it can', () => report()?.isUpgradable === true);
  await agent.stop();
  const bare = spawn(process.execPath, [join(home, 'agent/agent.mjs'), 'run', '--dir', agent.data, '--oip-port', '0']);
  await until('it says that it cannot', () => report()?.isUpgradable === false);
  const order = offer(server, candidate('none'));
  await server.desire(deviceId, {}, undefined, order);
  expect((await reaches('failed', order)).reason).toMatchObject({ code: 'upgrade.unsupported', retry: 'never' });
  bare.kill('SIGKILL');
});
