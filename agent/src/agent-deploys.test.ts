import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deployment, runnerPid, useAgents } from './testing/agent-suite.ts';
import { demoRelease } from './testing/demo-release.ts';
import { until } from './testing/wait.ts';

const suite = useAgents();

test('enrolls, connects, deploys, proves against the version in service, and reports what it measured', async () => {
  suite.server.state.pendingEnrolments = 2;
  const agent = suite.start();
  const deviceId = await agent.deviceId();
  expect(statSync(join(suite.dir, 'identity/key.pem')).mode & 0o777).toBe(0o600);
  const facts = await until('its first report', () => suite.server.latest()?.facts);
  expect(facts).toMatchObject({
    agentVersion: expect.stringMatching(/^0\.1\.0\+[0-9a-f]{12}$/),
    maxOpset: 26,
    runtimes: ['process'],
  });

  await suite.server.desire(deviceId, {
    default: { deployment: deployment(1), release: demoRelease(suite.server.artifacts, 1) },
  });
  await suite.reaches(deployment(1), 'active');
  await until('its last event', () => suite.server.phases(deployment(1)).includes('active'));
  expect(suite.server.phases(deployment(1))).toEqual([
    'accepted',
    'downloading',
    'verifying',
    'staging',
    'proving',
    'switching',
    'observing',
    'active',
  ]);

  await suite.server.desire(deviceId, {
    default: { deployment: deployment(2), release: demoRelease(suite.server.artifacts, 2) },
  });
  await suite.reaches(deployment(2), 'active');
  const { proof, serving } = suite.slot() ?? {};
  expect(serving?.modelVersion).toBe('2.0.0');
  expect(proof?.candidate).toMatchObject({ runs: 30, goldenCases: expect.any(Number), accuracy: expect.any(Number) });
  expect(proof?.candidate.accuracy).toBeGreaterThan(proof?.running?.accuracy ?? 1);
  expect(proof?.candidate.energyMj).toBeGreaterThan(0);
  expect(proof?.running?.latencyP95Ms).toBeGreaterThan(0);

  const window = await until('a full window of version 2', () =>
    [...suite.server.state.telemetry.values()]
      .flatMap(({ windows }) => windows)
      .find((each) => each.inferences > 20 && each.powerSource && Math.abs(each.durationMs - 1000) <= 100),
  );
  expect(window.startMs % 1000).toBeLessThan(200);
  expect(window.energyJ).toBeGreaterThan(0);
  expect(window.labelled?.n).toBe(window.inferences);
  expect(window.latencyMs.total).toBeDefined();
  expect(window.runnerRssBytes).toBeGreaterThan(0);

  const hasRuntime = (pid = 0) => readFileSync(`/proc/${pid}/maps`, 'utf8').includes('onnxruntime');
  expect([hasRuntime(agent.child.pid), hasRuntime(runnerPid(agent))]).toEqual([false, true]);

  const response = await fetch(`${agent.status?.endpoint}/v2/models/vibration-fault`);
  expect(await response.json()).toMatchObject({ versions: ['2.0.0'] });
  expect(await agent.stop()).toEqual({ code: 0, signal: null });
  await until('a goodbye', () => suite.server.state.sessions.at(-1)?.online === false);
});

test('a bad release is refused by its proof, with the evidence, and the good one keeps serving', async () => {
  const agent = suite.start();
  const deviceId = await agent.deviceId();
  await suite.server.desire(deviceId, {
    default: { deployment: deployment(1), release: demoRelease(suite.server.artifacts, 1) },
  });
  await suite.reaches(deployment(1), 'active');
  const proof = { tolerance: 0.001, runs: 10, minAccuracy: 0.95 };
  await suite.server.desire(deviceId, {
    default: { deployment: deployment(2), release: demoRelease(suite.server.artifacts, 3, { proof }) },
  });
  await suite.reaches(deployment(2), 'failed');
  expect(suite.slot()).toMatchObject({
    reason: { code: 'proof.accuracy', retry: 'never' },
    serving: { modelVersion: '1.0.0' },
  });
  expect(suite.slot()?.proof?.candidate.accuracy).toBeLessThan(0.95);
  expect((await fetch(`${agent.status?.endpoint}/v2/models/vibration-fault/ready`)).status).toBe(200);
});

test('without an acknowledgement a release is served but not called active; the spool is sent again until it is', async () => {
  const agent = suite.start();
  const deviceId = await agent.deviceId();
  suite.server.state.isAcking = false;
  await suite.server.desire(deviceId, {
    default: { deployment: deployment(1), release: demoRelease(suite.server.artifacts, 1) },
  });
  await suite.reaches(deployment(1), 'observing');
  expect((await until('it serves', () => suite.slot()?.serving)).modelVersion).toBe('1.0.0');
  suite.server.state.events.clear();
  suite.server.cutConnections();
  await until('everything again after the cut', () => suite.server.phases(deployment(1)).includes('observing'));
  expect(suite.slot()?.phase).toBe('observing');
  suite.server.state.isAcking = true;
  await suite.server.acknowledge(deviceId);
  await suite.reaches(deployment(1), 'active');
});

test('no request fails while versions change under load', async () => {
  const agent = suite.start();
  const deviceId = await agent.deviceId();
  const input = { source: 'http' } as const;
  const release = (version: 1 | 2) =>
    demoRelease(suite.server.artifacts, version, { input, observe: { seconds: 0, maxErrorRate: 0.05, maxCrashes: 0 } });
  await suite.server.desire(deviceId, { default: { deployment: deployment(1), release: release(1) } });
  await suite.reaches(deployment(1), 'active');
  const url = `${agent.status?.endpoint}/v2/models/vibration-fault/infer`;
  const tensor = {
    name: 'signal',
    datatype: 'FP32',
    shape: [1, 256],
    data: Array.from({ length: 256 }, (_, at) => Math.sin(at)),
  };
  const versions = new Map<string, number>();
  let isLoaded = true;
  const client = async () => {
    while (isLoaded) {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify({ inputs: [tensor] }) });
      const { model_version: version } = (await response.json()) as { model_version: string };
      const key = `${response.status} ${version}`;
      versions.set(key, (versions.get(key) ?? 0) + 1);
    }
  };
  const clients = [client(), client(), client(), client()];
  for (let n = 2; n <= 5; n++) {
    await suite.server.desire(deviceId, {
      default: { deployment: deployment(n), release: release(n % 2 === 0 ? 2 : 1) },
    });
    await suite.reaches(deployment(n), 'active');
  }
  isLoaded = false;
  await Promise.all(clients);
  expect([...versions.keys()].sort()).toEqual(['200 1.0.0', '200 2.0.0']);
  expect([...versions.values()].reduce((sum, each) => sum + each, 0)).toBeGreaterThan(200);
});
