import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agentProgram } from './testing/agent-process.ts';
import { childrenOf, deployment, runnerPid, useAgents } from './testing/agent-suite.ts';
import { demoRelease } from './testing/demo-release.ts';
import { sendRange } from './testing/test-server.ts';
import { until } from './testing/wait.ts';

const suite = useAgents();

test('killed in the middle of a download, it resumes by Range and ends in the new version', async () => {
  let agent = suite.start();
  const deviceId = await agent.deviceId();
  const release = demoRelease(suite.server.artifacts, 2);
  const half = 60_000;
  suite.server.state.onArtifact = (request, response, bytes) => {
    if (request.headers.range || bytes.length < half * 2) return sendRange(request, response, bytes);
    response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, half));
  };
  await suite.server.desire(deviceId, { default: { deployment: deployment(1), release } });
  const part = join(suite.dir, 'artifacts', `${release.model.sha256}.part`);
  await until('half of the model has arrived', () => statSync(part, { throwIfNoEntry: false })?.size === half);
  await agent.kill();
  agent = suite.start();
  await suite.reaches(deployment(1), 'active');
  expect(
    suite.server.state.artifactRequests
      .filter(({ sha256 }) => sha256 === release.model.sha256)
      .map(({ range }) => range),
  ).toEqual([undefined, `bytes=${half}-`]);
});

test.each(['switching', 'observing', 'proving'])(
  'killed while %s, it ends in the old or the new version and the report says which',
  async (phase) => {
    let agent = suite.start();
    const deviceId = await agent.deviceId();
    await suite.server.desire(deviceId, {
      default: { deployment: deployment(1), release: demoRelease(suite.server.artifacts, 1) },
    });
    await suite.reaches(deployment(1), 'active');
    const observe = { seconds: 2, maxErrorRate: 0.05, maxCrashes: 0 };
    await suite.server.desire(deviceId, {
      default: { deployment: deployment(2), release: demoRelease(suite.server.artifacts, 2, { observe }) },
    });
    await until(`${phase} has begun`, () => agent.log.includes(`→ ${phase}`) && agent.log.includes(deployment(2)));
    await agent.kill();
    agent = suite.start();
    const settled = await until('the way has ended', () => {
      const slot = suite.server.state.reported.findLast(({ session }) => session >= 2)?.slots.default;
      return slot && ['active', 'reverted', 'failed'].includes(slot.phase) && slot.deployment === deployment(2) && slot;
    });
    const response = await fetch(`${agent.status?.endpoint}/v2/models/vibration-fault`);
    expect(await response.json()).toMatchObject({ versions: [settled.serving?.modelVersion] });
    expect(settled.serving?.modelVersion).toBe(settled.phase === 'active' ? '2.0.0' : '1.0.0');
    if (settled.phase !== 'active') expect(settled.reason?.code).toBe('agent.restarted');
  },
);

test('killed, it is told offline by its last will, with the number of the connection that died', async () => {
  const agent = suite.start();
  await agent.deviceId();
  const birth = suite.server.state.sessions.at(-1);
  await agent.kill();
  const will = await until('the last will', () => suite.server.state.sessions.find(({ online }) => !online));
  expect(will.session).toBe(birth?.session);
  const again = suite.start();
  await again.deviceId();
  expect(suite.server.state.sessions.at(-1)).toMatchObject({ online: true, boot: birth?.boot });
  expect(suite.server.state.sessions.at(-1)?.session).toBeGreaterThan(birth?.session ?? 0);
});

test('a killed agent leaves no runner behind, and one that watches its parent ends with it', async () => {
  const agent = suite.start();
  const deviceId = await agent.deviceId();
  const release = demoRelease(suite.server.artifacts, 1);
  await suite.server.desire(deviceId, { default: { deployment: deployment(1), release } });
  await suite.reaches(deployment(1), 'active');
  const runner = runnerPid(agent);
  await agent.kill();
  await until('the runner has ended', () => !existsSync(`/proc/${runner}`));

  const script = `require('node:child_process').spawn(process.execPath, ${JSON.stringify([agentProgram, 'run', '--dir', suite.dir, '--oip-port', '0', '--exit-with-parent'])}, {stdio:'ignore'}); setInterval(() => {}, 1000)`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  const child = await until('the agent has started', () => childrenOf(parent.pid ?? 0)[0]);
  await until(
    'it is connected',
    () => JSON.parse(readFileSync(join(suite.dir, 'run/status.json'), 'utf8')).pid === child,
  );
  parent.kill('SIGKILL');
  await until('the agent has ended too', () => !existsSync(`/proc/${child}`));
});

test('a runner that crashes under observation brings the old version back, without the server', async () => {
  const agent = suite.start();
  const deviceId = await agent.deviceId();
  await suite.server.desire(deviceId, {
    default: { deployment: deployment(1), release: demoRelease(suite.server.artifacts, 1) },
  });
  await suite.reaches(deployment(1), 'active');
  const observe = { seconds: 30, maxErrorRate: 0.05, maxCrashes: 0 };
  await suite.server.desire(deviceId, {
    default: { deployment: deployment(2), release: demoRelease(suite.server.artifacts, 2, { observe }) },
  });
  await suite.reaches(deployment(2), 'observing');
  process.kill(runnerPid(agent), 'SIGKILL');
  await suite.reaches(deployment(2), 'reverted');
  expect(suite.slot()).toMatchObject({ reason: { code: 'observe.crashes' }, serving: { modelVersion: '1.0.0' } });
});
