import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deployment } from './testing/agent-suite.ts';
import { infer, useContainerAgents } from './testing/system/container-agents.ts';
import { BIG_LAYER_BYTES } from './testing/system/images.ts';
import { until } from './testing/wait.ts';

const { containers, suite, release, start, deploy, ours, networks, tags } = useContainerAgents([
  'runner',
  'second',
  'big',
  'companion',
]);

test('an agent killed in the middle of a pull goes on from what it had', async () => {
  const { state } = containers.link;
  const bigBytes = 3 * BIG_LAYER_BYTES;
  let agent = start();
  const deviceId = await agent.deviceId();
  state.bytesPerS = 6_000_000;
  const before = state.received;
  const to = release(1, { image: containers.image('big') });
  await suite.server.desire(deviceId, { default: { deployment: deployment(1), release: to } });
  for (const part of [0.3, 0.6]) {
    await until(`${part} of it is there`, () => state.received - before > part * bigBytes, 60_000);
    const progress = suite.slot()?.progress;
    await agent.kill();
    expect(progress?.bytes).toBeGreaterThan(0);
    agent = start();
    await agent.deviceId();
  }
  state.bytesPerS = Number.POSITIVE_INFINITY;
  // The image has no program: it is pulled, verified and loaded, and cannot be started.
  await until('it fails at its start', () => suite.slot()?.phase === 'failed', 60_000);
  expect(suite.server.phases(deployment(1))).toContain('proving');
  expect(state.received - before).toBeGreaterThan(bigBytes);
  expect(state.received - before).toBeLessThan(bigBytes * 1.2);
});

test('pruning keeps the image that serves and the one to go back to, and takes the one before them', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  const digest = (name: string) => containers.digests.get(name);
  const companions = [{ name: 'camera', image: containers.image('companion'), memoryMb: 128, cpus: 0.5 }];
  await deploy(deviceId, 1, release(1, { image: containers.image('runner'), companions }));
  await deploy(deviceId, 2, release(2, { image: containers.image('second') }));
  expect(await tags(deviceId)).toEqual([digest('runner'), digest('companion'), digest('second')].sort());
  await deploy(deviceId, 3, release(1, { image: containers.image('second') }));
  await until('the first is gone', async () => (await tags(deviceId)).length === 1);
  expect(await tags(deviceId)).toEqual([digest('second')]);
});

test('an image that the engine has lost is pulled again, in the middle of its service and at a start', async () => {
  let agent = start();
  const deviceId = await agent.deviceId();
  const image = containers.image('runner');
  await deploy(deviceId, 1, release(1, { image }));
  const { engine } = containers.docker;
  const tag = `flotilla/${deviceId}:${containers.digests.get('runner')}`;
  const { state } = containers.link;
  const before = state.received;
  const lose = async () => {
    for (const { Id } of await ours(deviceId)) await engine.remove(`/containers/${Id}`, { force: 'true' });
    await engine.remove(`/images/${tag}`);
  };
  await lose();
  await until('it serves again', async () => (await infer(agent).catch(() => null))?.status === 200, 60_000);
  const imageBytes = state.received - before;
  expect(imageBytes).toBeGreaterThan(20_000_000);
  await agent.stop();
  await lose();
  agent = start();
  await until('it serves after the start', async () => agent.status && (await infer(agent)).status === 200, 60_000);
  expect(state.received - before).toBe(imageBytes);
  expect(suite.slot()).toMatchObject({ phase: 'active', serving: { modelVersion: '1.0.0' } });
});

test('what a killed agent left is removed, and the same release serves again', async () => {
  const first = start();
  const deviceId = await first.deviceId();
  const companions = [{ name: 'camera', image: containers.image('companion'), memoryMb: 128, cpus: 0.5 }];
  await deploy(deviceId, 1, release(1, { image: containers.image('runner'), companions }));
  await until('both run', async () => (await ours(deviceId)).length === 2);
  const left = (await ours(deviceId)).map(({ Id }) => Id);
  await first.kill();
  expect(await ours(deviceId)).toHaveLength(2);
  const second = start();
  await until('it serves again', async () => second.status && (await infer(second)).status === 200);
  await until('both run again', async () => (await ours(deviceId)).length === 2);
  expect((await ours(deviceId)).filter(({ Id }) => left.includes(Id))).toEqual([]);
  expect(await networks(deviceId)).toHaveLength(1);
  expect(await second.stop()).toEqual({ code: 0, signal: null });
  expect(await ours(deviceId)).toEqual([]);
});

test('a device that is decommissioned leaves no container, no image and no key', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  await deploy(deviceId, 1, release(1, { image: containers.image('runner') }));
  await suite.server.command(deviceId, { op: 'decommission' });
  expect(await agent.exited).toEqual({ code: 0, signal: null });
  expect(await ours(deviceId)).toEqual([]);
  expect(await tags(deviceId)).toEqual([]);
  expect(readdirSync(suite.dir)).toEqual([]);
});
