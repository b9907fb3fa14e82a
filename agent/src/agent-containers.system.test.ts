import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { deployment } from './testing/agent-suite.ts';
import { demoRelease } from './testing/demo-release.ts';
import { infer, useContainerAgents } from './testing/system/container-agents.ts';
import { until } from './testing/wait.ts';

const { containers, suite, release, start, deploy, ours } = useContainerAgents([
  'runner',
  'second',
  'failing',
  'falling',
]);

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

/** Some lines of `/proc/<pid>/status`: the first word of each value. */
function statusOf(pid: number): Record<string, string | undefined> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n');
  return Object.fromEntries(lines.map((line) => [line.split(':')[0], line.split(/\s+/)[1]]));
}
