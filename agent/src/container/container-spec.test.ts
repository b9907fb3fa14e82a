import type { ContainerRuntime } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { makeRelease, uuid } from '../testing/release.ts';
import { checkContainer } from './check-container.ts';
import { companionSpec, runnerSpec, type SpecContext } from './container-spec.ts';

const image = `registry.example/app@sha256:${'ab'.repeat(32)}`;
const runtime: ContainerRuntime = { kind: 'container', image, memoryMb: 64, cpus: 0.5 };
const release = (changes: Partial<ContainerRuntime> = {}) => makeRelease(1, { runtime: { ...runtime, ...changes } });
const context = (changes: Partial<SpecContext> = {}): SpecContext => ({
  deviceId: uuid(9),
  slot: 'default',
  release: release(),
  network: 'net',
  imageId: 'sha256:id',
  imageUser: 'triton',
  ...changes,
});

test('a container gets no right that the release does not name, and the image by what was checked', () => {
  const spec = runnerSpec(context(), runtime, '/state/models');
  expect(spec.Image).toBe('sha256:id');
  expect(spec.HostConfig).toMatchObject({
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    Memory: 64 * 1024 * 1024,
    MemorySwap: 64 * 1024 * 1024,
    NanoCpus: 5e8,
    RestartPolicy: { Name: 'no' },
    NetworkMode: 'net',
    Devices: [],
    PortBindings: { '8000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
    Mounts: [{ Type: 'bind', Source: '/state/models', Target: '/models', ReadOnly: true }],
  });
  expect(spec.HostConfig).not.toHaveProperty('Privileged');
  expect(spec.HostConfig).not.toHaveProperty('DeviceRequests');
});

test.each([
  ['triton', undefined, 'triton'],
  ['1000:44', undefined, '1000:44'],
  ['', undefined, '65532:65532'],
  [undefined, undefined, '65532:65532'],
  ['root', undefined, '65532:65532'],
  ['0:0', undefined, '65532:65532'],
  ['root', '0', '0'],
  ['', '1000:44', '1000:44'],
])('an image of the user %j in a release that asks for %j runs as %s', (imageUser, user, expected) => {
  const spec = runnerSpec(context({ imageUser }), { ...runtime, ...(user && { user }) }, '/m');
  expect(spec.User).toBe(expected);
});

test('device nodes and names of the Container Device Interface go where the engine wants each', () => {
  const devices = ['/dev/video0', 'nvidia.com/gpu=all'];
  const { HostConfig } = runnerSpec(context(), { ...runtime, devices }, '/m');
  expect(HostConfig.Devices).toEqual([
    { PathOnHost: '/dev/video0', PathInContainer: '/dev/video0', CgroupPermissions: 'rw' },
  ]);
  expect(HostConfig).toHaveProperty('DeviceRequests', [{ Driver: 'cdi', DeviceIDs: ['nvidia.com/gpu=all'] }]);
});

test('a companion is as restricted, has no model, publishes nothing, and is told where the model is', () => {
  const companion = { name: 'camera', image, memoryMb: 32, cpus: 0.1, env: { RATE: '5' } };
  const spec = companionSpec(context(), companion, 9000, '/m');
  expect(spec.HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], Memory: 32 * 1024 * 1024 });
  expect(spec.HostConfig).not.toHaveProperty('Mounts');
  expect(spec.HostConfig).not.toHaveProperty('PortBindings');
  expect(spec.Env).toContain(`FLOTILLA_RUNNER_URL=http://runner-${uuid(1)}:9000`);
  expect(spec.Env).toContain('RATE=5');
});

test('a backend has the model too, and the container in front of it finds it by name', () => {
  const backend = { name: 'tf-serving', image, memoryMb: 32, cpus: 0.1, backend: true };
  const args = ['--predictor_host', '$(FLOTILLA_COMPANION_TF_SERVING):8501', '$(HOME)'];
  const env = { MODEL: '$(FLOTILLA_MODEL_NAME)', PRICE: '5$' };
  const front = { ...runtime, args, env, companions: [backend] };
  const given = context({ release: release(front) });
  const spec = companionSpec(given, backend, 9000, '/m');
  expect(spec.HostConfig).toHaveProperty('Mounts', [{ Type: 'bind', Source: '/m', Target: '/models', ReadOnly: true }]);
  expect(spec.NetworkingConfig.EndpointsConfig).toEqual({ net: { Aliases: [`tf-serving-${uuid(1)}`] } });
  const asking = runnerSpec(given, front, '/m');
  expect(asking.Cmd).toEqual(['--predictor_host', `tf-serving-${uuid(1)}:8501`, '$(HOME)']);
  expect(asking.Env).toContain(`FLOTILLA_COMPANION_TF_SERVING=tf-serving-${uuid(1)}`);
  expect(asking.Env).toContain('MODEL=vibration-fault');
  expect(asking.Env).toContain('PRICE=5$');
});

const facts = { memoryBytes: 2 ** 30 } as Parameters<typeof checkContainer>[1];
const camera = { name: 'camera', image, memoryMb: 16, cpus: 0.1 };
test.each([
  ['a short image name', { image: `app@sha256:${'ab'.repeat(32)}` }, 'release.malformed'],
  ["the engine's socket as a device", { devices: ['/var/run/docker.sock'] }, 'release.malformed'],
  ['a way out of /dev', { devices: ['/dev/../etc'] }, 'release.malformed'],
  ['all of /dev', { devices: ['/dev'] }, 'release.malformed'],
  ['two companions of one name', { companions: [camera, camera] }, 'release.malformed'],
  ['a companion with the name of the model', { companions: [{ ...camera, name: 'runner' }] }, 'release.malformed'],
  ['more memory than there is', { memoryMb: 2048 }, 'release.memory'],
  ['more memory than there is with companions', { memoryMb: 1010, companions: [camera] }, 'release.memory'],
] as const)('%s is refused before a byte is fetched', (_, changes, code) => {
  expect(() => checkContainer(release(changes as Partial<ContainerRuntime>), facts)).toThrow(
    expect.objectContaining({ code }),
  );
});

test('a release that needs a source of the runner process is refused, one over HTTP is not', () => {
  const fed = makeRelease(1, { runtime, input: { source: 'folder', path: '/x', ratePerS: 1 } });
  expect(() => checkContainer(fed, facts)).toThrow(expect.objectContaining({ code: 'release.input' }));
  expect(() => checkContainer(release({ devices: ['/dev/video0', '/dev/dri/renderD128'] }), facts)).not.toThrow();
});
