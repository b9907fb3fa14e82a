import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildAgent } from '../build.ts';
import { AgentProcess } from './testing/agent-process.ts';
import { demoRelease } from './testing/demo-release.ts';
import { uuid } from './testing/release.ts';
import { sendRange, startTestServer, type TestServer } from './testing/test-server.ts';
import { until } from './testing/wait.ts';

let server: TestServer;
let dir: string;
let agents: AgentProcess[] = [];

beforeAll(buildAgent, 60_000);
beforeEach(async () => {
  server = await startTestServer();
  dir = mkdtempSync(join(tmpdir(), 'flotilla-agent-'));
});
afterEach(async () => {
  for (const agent of agents) await agent.kill();
  agents = [];
  await server.stop();
  rmSync(dir, { recursive: true });
});

function start(extra: string[] = []): AgentProcess {
  const agent = AgentProcess.up(server, dir, extra);
  agents.push(agent);
  return agent;
}
const slotOf = () => server.latest()?.slots.default;
const reaches = (deployment: string, phase: string) =>
  until(`${phase} is reported`, () => slotOf()?.deployment === deployment && slotOf()?.phase === phase);
const deployment = (n: number) => uuid(5000 + n);

test('enrolls, connects, deploys, proves against the version in service, and reports what it measured', async () => {
  server.state.pendingEnrolments = 2;
  const agent = start();
  const deviceId = await agent.deviceId();
  expect(statSync(join(dir, 'identity/key.pem')).mode & 0o777).toBe(0o600);
  expect(server.latest()?.facts).toMatchObject({ agentVersion: '0.1.0', maxOpset: 26, runtimes: ['process'] });

  await server.desire(deviceId, { default: { deployment: deployment(1), release: demoRelease(server.artifacts, 1) } });
  await reaches(deployment(1), 'active');
  expect(server.phases(deployment(1))).toEqual([
    'accepted',
    'downloading',
    'verifying',
    'staging',
    'proving',
    'switching',
    'observing',
    'active',
  ]);

  await server.desire(deviceId, { default: { deployment: deployment(2), release: demoRelease(server.artifacts, 2) } });
  await reaches(deployment(2), 'active');
  const { proof, serving } = slotOf() ?? {};
  expect(serving?.modelVersion).toBe('2.0.0');
  expect(proof?.candidate).toMatchObject({ runs: 30, goldenCases: expect.any(Number), accuracy: expect.any(Number) });
  expect(proof?.candidate.accuracy).toBeGreaterThan(proof?.running?.accuracy ?? 1);
  expect(proof?.candidate.energyMj).toBeGreaterThan(0);
  expect(proof?.running?.latencyP95Ms).toBeGreaterThan(0);

  const window = await until('a full window of version 2', () =>
    [...server.state.telemetry.values()]
      .flatMap(({ windows }) => windows)
      .find((each) => each.inferences > 20 && each.powerSource),
  );
  expect(window.startMs % 1000).toBeLessThan(200);
  expect(window.energyJ).toBeGreaterThan(0);
  expect(window.labelled?.n).toBe(window.inferences);
  expect(window.latencyMs.total).toBeDefined();
  expect(window.runnerRssBytes).toBeGreaterThan(0);

  const response = await fetch(`${agent.status?.endpoint}/v2/models/vibration-fault`);
  expect(await response.json()).toMatchObject({ versions: ['2.0.0'] });
  expect(await agent.stop()).toEqual({ code: 0, signal: null });
  await until('a goodbye', () => server.state.sessions.at(-1)?.online === false);
});

test('a bad release is refused by its proof, with the evidence, and the good one keeps serving', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  await server.desire(deviceId, { default: { deployment: deployment(1), release: demoRelease(server.artifacts, 1) } });
  await reaches(deployment(1), 'active');
  const proof = { tolerance: 0.001, runs: 10, minAccuracy: 0.95 };
  await server.desire(deviceId, {
    default: { deployment: deployment(2), release: demoRelease(server.artifacts, 3, { proof }) },
  });
  await reaches(deployment(2), 'failed');
  expect(slotOf()).toMatchObject({
    reason: { code: 'proof.accuracy', retry: 'never' },
    serving: { modelVersion: '1.0.0' },
  });
  expect(slotOf()?.proof?.candidate.accuracy).toBeLessThan(0.95);
  expect((await fetch(`${agent.status?.endpoint}/v2/models/vibration-fault/ready`)).status).toBe(200);
});

test('killed in the middle of a download, it resumes by Range and ends in the new version', async () => {
  let agent = start();
  const deviceId = await agent.deviceId();
  const release = demoRelease(server.artifacts, 2);
  const half = 60_000;
  server.state.onArtifact = (request, response, bytes) => {
    if (request.headers.range || bytes.length < half * 2) return sendRange(request, response, bytes);
    response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, half));
  };
  await server.desire(deviceId, { default: { deployment: deployment(1), release } });
  const part = join(dir, 'artifacts', `${release.model.sha256}.part`);
  await until('half of the model has arrived', () => statSync(part, { throwIfNoEntry: false })?.size === half);
  await agent.kill();
  agent = start();
  await reaches(deployment(1), 'active');
  expect(
    server.state.artifactRequests.filter(({ sha256 }) => sha256 === release.model.sha256).map(({ range }) => range),
  ).toEqual([undefined, `bytes=${half}-`]);
});

test.each(['switching', 'observing', 'proving'])(
  'killed while %s, it ends in the old or the new version and the report says which',
  async (phase) => {
    let agent = start();
    const deviceId = await agent.deviceId();
    await server.desire(deviceId, {
      default: { deployment: deployment(1), release: demoRelease(server.artifacts, 1) },
    });
    await reaches(deployment(1), 'active');
    const observe = { seconds: 2, maxErrorRate: 0.05, maxCrashes: 0 };
    await server.desire(deviceId, {
      default: { deployment: deployment(2), release: demoRelease(server.artifacts, 2, { observe }) },
    });
    await until(`${phase} has begun`, () => agent.log.includes(`→ ${phase}`) && agent.log.includes(deployment(2)));
    await agent.kill();
    agent = start();
    const settled = await until('the way has ended', () => {
      const slot = server.state.reported.findLast(({ session }) => session >= 2)?.slots.default;
      return slot && ['active', 'reverted', 'failed'].includes(slot.phase) && slot.deployment === deployment(2) && slot;
    });
    const response = await fetch(`${agent.status?.endpoint}/v2/models/vibration-fault`);
    expect(await response.json()).toMatchObject({ versions: [settled.serving?.modelVersion] });
    expect(settled.serving?.modelVersion).toBe(settled.phase === 'active' ? '2.0.0' : '1.0.0');
    if (settled.phase !== 'active') expect(settled.reason?.code).toBe('agent.restarted');
  },
);

test('without an acknowledgement a release is served but not called active; the spool is sent again until it is', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  server.state.isAcking = false;
  await server.desire(deviceId, { default: { deployment: deployment(1), release: demoRelease(server.artifacts, 1) } });
  await reaches(deployment(1), 'observing');
  expect((await until('it serves', () => slotOf()?.serving)).modelVersion).toBe('1.0.0');
  server.state.events.clear();
  server.cutConnections();
  await until('everything again after the cut', () => server.phases(deployment(1)).includes('observing'));
  expect(slotOf()?.phase).toBe('observing');
  server.state.isAcking = true;
  await server.acknowledge(deviceId);
  await reaches(deployment(1), 'active');
});

test('a runner that crashes under observation brings the old version back, without the server', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  await server.desire(deviceId, { default: { deployment: deployment(1), release: demoRelease(server.artifacts, 1) } });
  await reaches(deployment(1), 'active');
  const observe = { seconds: 30, maxErrorRate: 0.05, maxCrashes: 0 };
  await server.desire(deviceId, {
    default: { deployment: deployment(2), release: demoRelease(server.artifacts, 2, { observe }) },
  });
  await reaches(deployment(2), 'observing');
  process.kill(runnerPid(agent), 'SIGKILL');
  await reaches(deployment(2), 'reverted');
  expect(slotOf()).toMatchObject({ reason: { code: 'observe.crashes' }, serving: { modelVersion: '1.0.0' } });
});

/** The only child of the agent. */
function runnerPid(agent: AgentProcess): number {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(agent.child.pid);
    } catch {
      return false;
    }
  });
  return Number(children.at(-1));
}

test('documents that are forged, foreign or old are refused, and each is an event with its suspicion', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  await server.desire(deviceId, { default: null });
  await until('the document is accepted', () => server.latest()?.generation === 1);
  const topic = `flotilla/v1/${deviceId}/desired`;
  await server.publish(topic, 'no signature');
  const base = { v: 1, deviceId, issuedAt: 1, expiresAt: Date.now() + 60_000, slots: {}, telemetry: {} };
  await server.publish(topic, await server.sign({ ...base, generation: 9, deviceId: uuid(1) }));
  await server.publish(topic, await server.sign({ ...base, generation: 0.5 }));
  await server.publish(topic, await server.sign({ ...base, generation: 9, expiresAt: 5 }));
  const codes = () =>
    [...server.state.events.values()].filter(({ kind }) => kind === 'refused').map(({ reason }) => reason?.code);
  await until('four refusals', () => codes().length === 4);
  expect(codes()).toEqual(['desired.signature', 'desired.wrong_device', 'desired.malformed', 'desired.expired']);
});

test('commands are carried out once and answered as often as they are sent; decommissioning leaves nothing', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  await server.desire(deviceId, { default: { deployment: deployment(1), release: demoRelease(server.artifacts, 1) } });
  await reaches(deployment(1), 'active');
  const repliesTo = (id: string) => server.state.replies.filter((each) => each.id === id).map(({ status }) => status);

  const ping = await server.command(deviceId, { op: 'ping' });
  await until('a pong', () => repliesTo(ping).includes('done'));
  await server.command(deviceId, { op: 'ping', id: ping });
  await until('the same answer again', () => repliesTo(ping).length === 3);
  expect(repliesTo(ping)).toEqual(['accepted', 'done', 'done']);

  const unknown = await server.command(deviceId, { op: 'dance' });
  await until('a refusal', () => repliesTo(unknown).includes('refused'));

  const pid = runnerPid(agent);
  const restart = await server.command(deviceId, { op: 'restart-runner' });
  await until('restarted', () => repliesTo(restart).includes('done'));
  expect(runnerPid(agent)).not.toBe(pid);

  const decommission = await server.command(deviceId, { op: 'decommission' });
  expect(await agent.exited).toEqual({ code: 0, signal: null });
  expect(repliesTo(decommission)).toContain('done');
  expect(readdirSync(dir)).toEqual([]);
});

test('a wrong token is told by the server in words, wrong usage by the agent', async () => {
  const refused = new AgentProcess(dir, [
    'enroll',
    '--server',
    server.url,
    '--token',
    `flt_enr_${'1'.repeat(32)}_${'b'.repeat(43)}`,
    '--dir',
    dir,
  ]);
  agents.push(refused);
  expect(await refused.exited).toMatchObject({ code: 1 });
  expect(refused.log).toContain('This token is not valid. Make a new one.');
  const misused = new AgentProcess(dir, ['run']);
  agents.push(misused);
  expect(await misused.exited).toMatchObject({ code: 2 });
  expect(misused.log).toContain('--dir is missing');
});

test('a certificate near its end is renewed and the next connection uses it', async () => {
  server.state.certificateDays = 0.25;
  const agent = start();
  await until('renewed', () => server.state.renewals === 1);
  await until(
    'connected again',
    () => server.state.sessions.filter(({ online }) => online).length >= 2 || agent.status?.connection.isConnected,
  );
});
