import { expect, test } from 'vitest';
import { deployment } from './testing/agent-suite.ts';
import { infer, useContainerAgents } from './testing/system/container-agents.ts';
import { until } from './testing/wait.ts';

const { containers, suite, release, start, deploy, ours, networks } = useContainerAgents(['runner']);

test('an engine that comes late, goes and comes back is noticed: what waits for it goes on by itself', async () => {
  const { docker } = containers;
  await docker.down();
  const agent = start();
  const deviceId = await agent.deviceId();
  const runtimes = () => suite.server.latest()?.facts?.runtimes;
  await until('it has no engine', () => runtimes()?.length === 1);
  const to = release(1, { image: containers.image('runner') });
  await suite.server.desire(deviceId, { default: { deployment: deployment(1), release: to } });
  await suite.reaches(deployment(1), 'failed');
  expect(suite.slot()?.reason).toMatchObject({ code: 'release.runtime', retry: 'never' });
  await docker.up();
  await suite.reaches(deployment(1), 'active', 60_000);
  expect(runtimes()).toEqual(['process', 'container']);

  await docker.down();
  await until('it says that the engine is gone', () => runtimes()?.length === 1, 30_000);
  await docker.up();
  await until('it serves again', async () => (await infer(agent)).status === 200, 30_000);
  await until('it says that the engine is back', () => runtimes()?.length === 2, 30_000);
  const crashes = [...suite.server.state.events.values()].filter(({ reason }) => reason?.code === 'runner.crashed');
  expect(crashes).toEqual([]);
  const away = [...suite.server.state.events.values()].filter(({ reason }) => reason?.code === 'container.engine_away');
  expect(away.length).toBeGreaterThan(0);
  expect(await ours(deviceId)).toHaveLength(1);
});

test('an engine that goes away in the middle of a deployment delays it, and nothing is held against the release', async () => {
  const { docker, link } = containers;
  const agent = start();
  const deviceId = await agent.deviceId();
  const { state } = link;
  state.bytesPerS = 20_000_000;
  const before = state.received;
  const to = release(1, { image: containers.image('runner') });
  await suite.server.desire(deviceId, { default: { deployment: deployment(1), release: to } });
  await until('the pull is under way', () => state.received - before > 10_000_000, 30_000);
  await docker.down();
  state.bytesPerS = Number.POSITIVE_INFINITY;
  await until('it waits for the engine', () => suite.slot()?.reason?.code === 'container.engine_away', 30_000);
  expect(suite.slot()).toMatchObject({ reason: { retry: 'later', nextTryAt: expect.any(Number) } });
  await docker.up();
  await suite.reaches(deployment(1), 'active', 60_000);
  expect(suite.server.phases(deployment(1))).not.toContain('failed');
});

test('an engine that has no network left to give takes one that nobody uses', async () => {
  const { engine } = containers.docker;
  const more = (n: number) =>
    engine.run({ method: 'POST', path: '/networks/create', body: { Name: `n${n}`, Driver: 'bridge' } }).then(
      () => true,
      () => false,
    );
  for (let n = 0; await more(n); n++);
  const agent = start();
  await deploy(await agent.deviceId(), 1, release(1, { image: containers.image('runner') }));
  expect((await infer(agent)).status).toBe(200);
  expect(await networks(await agent.deviceId())).toMatchObject([{ IPAM: { Config: [{ Subnet: '10.213.0.0/26' }] } }]);
});
