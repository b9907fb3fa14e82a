import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, test } from 'vitest';
import { buildAgent } from '../build.ts';
import { buildCandidate, type Candidate, offer } from './testing/installed-agent.ts';
import { sendRange } from './testing/test-server.ts';
import { candidateWith, installedVersion, keepAsking, openUpgradeWorld } from './testing/upgrade-world.ts';
import { until } from './testing/wait.ts';

/** Other work shares the machine: alone it is less than a tenth of this. */
const LONGEST_GAP_MS = 10_000;

beforeAll(buildAgent, 120_000);

test('it becomes the wanted version under the same process id, serves on, and says each step once', async (context) => {
  const { expect } = context;
  const world = await openUpgradeWorld(context);
  const { agent, server, told, reaches, ask, programs } = world;
  const { upgrade } = await world.serving();
  const candidate = await candidateWith('none');
  const pid = agent.pid;
  const order = offer(server, candidate);
  const client = keepAsking(world);
  await upgrade(order);
  const reached = await reaches('active', order);
  expect(reached).toMatchObject({ version: candidate.version, isUpgradable: true });
  expect(agent.pid).toBe(pid);
  expect(agent.starts).toBe(1);
  expect(await ask()).toBe(200);
  const { longestGapMs, failed, answered } = await client.stop();
  console.log(`no answer for ${Math.round(longestGapMs)} ms; ${failed} of ${failed + answered} requests failed`);
  expect(longestGapMs).toBeLessThan(LONGEST_GAP_MS);
  expect(readFileSync(`/proc/${agent.pid}/cmdline`, 'utf8')).toContain(order.packages['linux-x64']?.sha256);
  expect(told(order)).toEqual([
    ...['downloading', 'verifying', 'staging', 'proving', 'switching', 'observing', 'active'],
  ]);
  expect(server.state.sessions.at(-1)).toMatchObject({ agentVersion: candidate.version });
  expect(programs()).toEqual([candidate.package.sha256, 'launch']);
  await agent.stop('SIGTERM');
  agent.start(server);
  await until('it is the new one after a restart too', () => agent.status?.agentVersion === candidate.version);
}, 90_000);

test('the one before is kept, an older one is not; back to a version that ran before is an upgrade like any other', async (context) => {
  const { expect } = context;
  const world = await openUpgradeWorld(context);
  const { server, reaches, programs } = world;
  const { upgrade } = await world.serving();
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
}, 120_000);

test('one that does not start is refused by the proof, beside the one that serves', async (context) => {
  const { expect } = context;
  const world = await openUpgradeWorld(context);
  const { agent, server, report, reaches } = world;
  const { upgrade } = await world.serving();
  const candidate = await candidateWith('does not start');
  const pid = agent.pid;
  const order = offer(server, candidate);
  await upgrade(order);
  expect((await reaches('failed', order)).reason).toMatchObject({ code: 'upgrade.proof', retry: 'never' });
  expect(agent.pid).toBe(pid);
  expect(report()?.version).toBe(installedVersion());
  await until('nothing is left of it', () => !existsSync(join(agent.data, 'agent', candidate.package.sha256)));
}, 90_000);

test('other bytes than were signed are thrown away, and it is tried again', async (context) => {
  const { expect } = context;
  const world = await openUpgradeWorld(context);
  const { server, reaches } = world;
  const { upgrade } = await world.serving();
  const good = await candidateWith('none');
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
  await reaches('active', order, 90_000);
}, 150_000);

test('without a launcher nothing is done, and it is said', async (context) => {
  const { expect, onTestFinished } = context;
  const { agent, server, home, report, reaches } = await openUpgradeWorld(context);
  const deviceId = await agent.start(server).deviceId();
  await until('it says that it can', () => report()?.isUpgradable === true);
  await agent.stop();
  const bare = spawn(process.execPath, [join(home, 'agent/agent.mjs'), 'run', '--dir', agent.data, '--oip-port', '0']);
  onTestFinished(() => void bare.kill('SIGKILL'));
  await until('it says that it cannot', () => report()?.isUpgradable === false);
  const order = offer(server, await candidateWith('none'));
  await server.desire(deviceId, {}, undefined, order);
  expect((await reaches('failed', order)).reason).toMatchObject({ code: 'upgrade.unsupported', retry: 'never' });
}, 90_000);
