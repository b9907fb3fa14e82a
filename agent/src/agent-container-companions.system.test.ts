import { expect, test } from 'vitest';
import { infer, useContainerAgents } from './testing/system/container-agents.ts';
import { until } from './testing/wait.ts';

const { containers, suite, release, start, deploy, ours, networks } = useContainerAgents([
  'runner',
  'companion',
  'front',
]);

test('a companion lives with its slot: it reaches the model, is started again when it falls, and goes with the release', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  const companions = [{ name: 'camera', image: containers.image('companion'), memoryMb: 128, cpus: 0.5 }];
  await deploy(deviceId, 1, release(1, { image: containers.image('runner'), companions }));
  const camera = async () => (await ours(deviceId)).find(({ Labels }) => Labels['flotilla.role'] === 'camera');
  const first = await until('the companion runs', camera);
  const says = async (id: string) => {
    const query = { stdout: '1', stderr: '1', tail: '5' };
    const response = await containers.docker.engine.open({ method: 'GET', path: `/containers/${id}/logs`, query });
    let text = '';
    for await (const chunk of response) text += chunk;
    return text;
  };
  await until('it has reached the model', async () => (await says(first.Id)).includes('asked 200'));
  await containers.docker.engine.run({ method: 'POST', path: `/containers/${first.Id}/kill` });
  await until('another one', async () => {
    const now = await camera();
    return now?.State === 'running' && now.Id !== first.Id && now;
  });
  await until('it was told', () =>
    [...suite.server.state.events.values()].some(({ reason }) => reason?.detail.includes('companion "camera"')),
  );
  expect((await infer(agent)).status).toBe(200);
  await deploy(deviceId, 2, release(2, { image: containers.image('runner') }));
  await until('the companion is gone', async () => !(await camera()));
  await suite.server.desire(deviceId, { default: null });
  await until('nothing runs', async () => (await ours(deviceId)).length === 0);
  expect(await networks(deviceId)).toHaveLength(1);
});

test('a server that does not speak our protocol itself is proved and asked through one that does', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  const backend = { name: 'model', image: containers.image('runner'), memoryMb: 256, cpus: 1, backend: true };
  const front = { image: containers.image('front'), args: ['$(FLOTILLA_COMPANION_MODEL):8000'], memoryMb: 128 };
  await deploy(deviceId, 1, release(1, { ...front, companions: [backend] }));
  expect(suite.slot()?.proof?.candidate).toMatchObject({ goldenCases: expect.any(Number) });
  expect((await infer(agent)).status).toBe(200);
  await deploy(deviceId, 2, release(2, { ...front, companions: [backend] }));
  expect(await (await infer(agent)).json()).toMatchObject({ model_version: '2.0.0' });
  await until('only the new ones run', async () => (await ours(deviceId)).length === 2);
});
