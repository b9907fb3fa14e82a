import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import type { AgentProcess } from './testing/agent-process.ts';
import { deployment, useAgents } from './testing/agent-suite.ts';
import { demoRelease } from './testing/demo-release.ts';
import { BIG_LAYER_BYTES } from './testing/system/images.ts';
import { useContainers } from './testing/system/suite.ts';
import { until } from './testing/wait.ts';

const containers = useContainers(['runner', 'second', 'big', 'companion', 'front', 'failing', 'falling']);
const suite = useAgents();

const Listed = z.array(
  z.looseObject({ Id: z.string(), Labels: z.record(z.string(), z.string()), State: z.string(), Created: z.number() }),
);
const start = () => suite.start(['--engine-socket', containers.docker.socket, '--log-level', 'debug']);

async function ours(deviceId: string) {
  const filters = JSON.stringify({ label: [`flotilla.device=${deviceId}`] });
  return Listed.parse(await containers.docker.get('/containers/json', { all: 'true', filters }));
}
async function networks(deviceId: string): Promise<unknown[]> {
  const filters = JSON.stringify({ label: [`flotilla.device=${deviceId}`] });
  return (await containers.docker.get('/networks', { filters })) as unknown[];
}
const release = (
  version: 1 | 2 | 3,
  runtime: Parameters<typeof containers.release>[2],
  changes: Parameters<typeof containers.release>[3] = {},
) => containers.release(suite.server.artifacts, version, runtime, changes);

async function deploy(deviceId: string, n: number, to: ReturnType<typeof release>, phase = 'active') {
  await suite.server.desire(deviceId, { default: { deployment: deployment(n), release: to } });
  await suite.reaches(deployment(n), phase, 60_000);
}
const signal = {
  name: 'signal',
  datatype: 'FP32',
  shape: [1, 256],
  data: Array.from({ length: 256 }, (_, at) => Math.sin(at)),
};
const infer = (agent: AgentProcess) =>
  fetch(`${agent.status?.endpoint}/v2/models/vibration-fault/infer`, {
    method: 'POST',
    body: JSON.stringify({ inputs: [signal] }),
  });

test('a container is pulled, proved beside the one in service, restricted, counted and measured', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  const facts = await until('its facts', () => suite.server.latest()?.facts);
  expect(facts).toMatchObject({
    runtimes: ['process', 'container'],
    containerEngine: expect.stringMatching(/^\d+\./),
  });
  const image = containers.image('runner');
  await deploy(deviceId, 1, release(1, { image }));
  expect(suite.server.state.registryTokensFor).toEqual([]);
  await deploy(deviceId, 2, release(2, { image, memoryMb: 200, cpus: 0.5 }));
  const { proof, serving } = suite.slot() ?? {};
  expect(serving?.modelVersion).toBe('2.0.0');
  expect(proof?.candidate).toMatchObject({ runs: 30, goldenCases: expect.any(Number), rssBytes: expect.any(Number) });
  expect(proof?.candidate.rssBytes).toBeGreaterThan(20_000_000);
  expect(proof?.running?.latencyP95Ms).toBeGreaterThan(0);

  const [only, ...others] = await ours(deviceId);
  expect(others).toEqual([]);
  const seen = (await containers.docker.get(`/containers/${only?.Id}/json`)) as Record<string, never>;
  expect(seen).toMatchObject({
    Config: { User: '65532:65532' },
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: null,
      Privileged: false,
      SecurityOpt: ['no-new-privileges'],
      Memory: 200 * 1024 * 1024,
      MemorySwap: 200 * 1024 * 1024,
      NanoCpus: 5e8,
      PidsLimit: 512,
      Binds: null,
      Devices: [],
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
      PidMode: '',
      IpcMode: 'private',
    },
    Mounts: [{ Type: 'bind', Destination: '/models', RW: false }],
    NetworkSettings: { Ports: { '8000/tcp': [{ HostIp: '127.0.0.1' }] } },
  });
  const { NetworkMode } = z.looseObject({ NetworkMode: z.string() }).parse(seen.HostConfig);
  expect(NetworkMode).toBe(`flotilla-${deviceId}-default-in`);
  const { Pid } = z.looseObject({ Pid: z.number() }).parse(seen.State);
  expect(statusOf(Pid)).toMatchObject({
    Uid: '65532',
    NoNewPrivs: '1',
    CapEff: '0000000000000000',
    CapBnd: '0000000000000000',
  });

  for (let n = 0; n < 20; n++) expect((await infer(agent)).status).toBe(200);
  const window = await until('a window that counts them', () =>
    [...suite.server.state.telemetry.values()].flatMap(({ windows }) => windows).find((each) => each.inferences > 0),
  );
  expect(window.latencyMs.run).toMatchObject({ min: expect.any(Number) });
  expect(window.runnerRssBytes).toBeGreaterThan(20_000_000);
});

test('no request fails while a container follows a container, and a process a container, and back', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  const process = { input: { source: 'http' }, observe: { seconds: 0, maxErrorRate: 0.05, maxCrashes: 0 } } as const;
  const image = containers.image('runner');
  const second = containers.image('second');
  await deploy(deviceId, 1, release(1, { image }));
  const answers = new Map<string, number>();
  let isLoaded = true;
  const client = async () => {
    while (isLoaded) {
      const response = await infer(agent);
      const { model_version: version } = (await response.json()) as { model_version: string };
      const key = `${response.status} ${version}`;
      answers.set(key, (answers.get(key) ?? 0) + 1);
    }
  };
  const clients = [client(), client(), client(), client()];
  await deploy(deviceId, 2, release(2, { image: second }));
  await deploy(deviceId, 3, demoRelease(suite.server.artifacts, 1, process));
  await deploy(deviceId, 4, release(2, { image }));
  isLoaded = false;
  await Promise.all(clients);
  expect([...answers.keys()].sort()).toEqual(['200 1.0.0', '200 2.0.0']);
  expect([...answers.values()].reduce((sum, each) => sum + each, 0)).toBeGreaterThan(500);
});

test('an image that does not start is refused with its last words, and one that falls is gone back from', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  await deploy(deviceId, 1, release(1, { image: containers.image('runner') }));
  await deploy(deviceId, 2, release(2, { image: containers.image('failing') }), 'failed');
  expect(suite.slot()).toMatchObject({
    reason: { code: 'runner.start', detail: expect.stringContaining('code 3') },
    serving: { modelVersion: '1.0.0' },
  });
  expect(agent.log).toContain('no such thing');
  expect((await infer(agent)).status).toBe(200);
  const observe = { seconds: 60, maxErrorRate: 0.05, maxCrashes: 0 };
  await deploy(deviceId, 3, release(2, { image: containers.image('falling') }, { observe }), 'reverted');
  expect(suite.server.phases(deployment(3))).toContain('observing');
  expect(suite.slot()).toMatchObject({ reason: { code: 'observe.crashes' }, serving: { modelVersion: '1.0.0' } });
  expect((await (await infer(agent)).json()) as object).toMatchObject({ model_version: '1.0.0' });
  expect(await ours(deviceId)).toHaveLength(1);
});

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

test('pruning keeps the image that serves and the one to go back to, and takes the one before them', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  const tags = async () => {
    const images = (await containers.docker.get('/images/json')) as { RepoTags: string[] | null }[];
    const own = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes(deviceId));
    return own.map((tag) => tag.split(':')[1]).sort();
  };
  const digest = (name: string) => containers.digests.get(name);
  const companions = [{ name: 'camera', image: containers.image('companion'), memoryMb: 128, cpus: 0.5 }];
  await deploy(deviceId, 1, release(1, { image: containers.image('runner'), companions }));
  await deploy(deviceId, 2, release(2, { image: containers.image('second') }));
  expect(await tags()).toEqual([digest('runner'), digest('companion'), digest('second')].sort());
  await deploy(deviceId, 3, release(1, { image: containers.image('second') }));
  await until('the first is gone', async () => (await tags()).length === 1);
  expect(await tags()).toEqual([digest('second')]);
});

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

test('a device that is decommissioned leaves no container, no image and no key', async () => {
  const agent = start();
  const deviceId = await agent.deviceId();
  await deploy(deviceId, 1, release(1, { image: containers.image('runner') }));
  await suite.server.command(deviceId, { op: 'decommission' });
  expect(await agent.exited).toEqual({ code: 0, signal: null });
  expect(await ours(deviceId)).toEqual([]);
  const images = (await containers.docker.get('/images/json')) as { RepoTags: string[] | null }[];
  expect(images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes(deviceId))).toEqual([]);
  expect(readdirSync(suite.dir)).toEqual([]);
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

/** Some lines of `/proc/<pid>/status`: the first word of each value. */
function statusOf(pid: number): Record<string, string | undefined> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n');
  return Object.fromEntries(lines.map((line) => [line.split(':')[0], line.split(/\s+/)[1]]));
}
