import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryTokenResponse, Release } from '@flotilla/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../logger.ts';
import { nodeFileSystem as fs } from '../state/node-file-system.ts';
import { ArtifactStore } from '../store/artifact-store.ts';
import { SLOWEST } from '../store/download.ts';
import { downloadRelease } from '../store/download-release.ts';
import { makeRelease, uuid } from '../testing/release.ts';
import { REGISTRY_LOGIN, startRegistry, type TestRegistry } from '../testing/system/docker-registry.ts';
import { BIG_LAYER_BYTES } from '../testing/system/images.ts';
import { useContainers } from '../testing/system/suite.ts';
import { startTokenService } from '../testing/system/token-service.ts';
import { parseImage } from './image/image-reference.ts';
import { Images } from './image/images.ts';

const suite = useContainers(['big']);
const BIG_BYTES = 3 * BIG_LAYER_BYTES;
const never = new AbortController().signal;
let locked: TestRegistry;
let lockedDigest: string;
beforeAll(async () => {
  locked = await startRegistry(join(suite.dir, 'locked'), 'password');
  lockedDigest = await suite.docker.push('big:1', locked, 'team/big');
});
afterAll(() => locked?.stop());

let devices = 0;
/** The images of a device of its own, as the agent handles them; again with the same number after a restart. */
async function deviceImages(
  given: RegistryTokenResponse = { scheme: 'none' },
  number = ++devices,
  freeBytes = async () => Number.POSITIVE_INFINITY,
) {
  const dir = join(suite.dir, `device-${number}`);
  await mkdir(dir, { recursive: true });
  const store = new ArtifactStore(fs, dir);
  const logger = createLogger(() => {}, Date.now);
  const { engine } = suite.docker;
  const credentials = async () => given;
  const { arch } = process;
  const images = new Images({ fs, store, engine, deviceId: uuid(number), arch, logger, credentials, freeBytes });
  const open = () => Promise.reject(new Error('nothing else is fetched'));
  const seen: { bytes: number; totalBytes: number }[] = [];
  return {
    images,
    number,
    seen,
    files: () => readdirSync(dir),
    async pull(release: Release) {
      const blobs = await images.missing(release, never);
      const ports = { fs, store, open, slowest: SLOWEST, freeBytes };
      await downloadRelease(ports, blobs, never, (progress) => seen.push(progress));
      for (const blob of blobs) await store.verify(blob);
      await images.load(release, never);
    },
    prune: async (kept: Release[]) => {
      await store.prune(new Set(await images.neededBlobs(kept)));
      await images.prune(kept);
    },
  };
}
const releaseOf = (image: string, number = 1) =>
  makeRelease(number, { runtime: { kind: 'container', image, memoryMb: 64, cpus: 1 } });
const tags = async (number: number) => {
  const all = (await suite.docker.get('/images/json')) as { RepoTags: string[] | null }[];
  return all.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith(`flotilla/${uuid(number)}:`));
};

test('an image comes with progress in bytes, and the engine holds exactly what was signed', async () => {
  const { images, seen, pull } = await deviceImages();
  const release = releaseOf(suite.image('big'));
  await pull(release);
  expect(seen.length).toBeGreaterThan(50);
  const { totalBytes } = seen[0] ?? { totalBytes: 0 };
  expect(totalBytes).toBeGreaterThan(BIG_BYTES);
  expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
  expect(seen.at(-1)).toEqual({ bytes: totalBytes, totalBytes });
  const found = await images.find(parseImage(suite.image('big')));
  expect(await suite.docker.get('/images/big:1/json')).toMatchObject({ Id: found?.Id });
  expect(await images.missing(release, never)).toEqual([]);
});

test('an image that the disk has no room for, with what the engine makes of it, is named before a layer is read', async () => {
  const { images, number } = await deviceImages({ scheme: 'none' }, undefined, async () => 3.5 * BIG_BYTES);
  const release = releaseOf(suite.image('big'));
  expect((await images.missing(release, never)).length).toBeGreaterThan(0);
  const before = suite.link.state.received;
  await expect(images.bringBack(release, never)).rejects.toMatchObject({ code: 'storage.full' });
  expect(suite.link.state.received).toBe(before);
  expect(await tags(number)).toEqual([]);
});

test('a cut link goes on where it stopped: nothing is read twice but what was under way', async () => {
  const { state } = suite.link;
  const { images, pull } = await deviceImages();
  const before = state.received;
  let failures = 0;
  for (let isDone = false; !isDone; ) {
    state.cutAt = state.received + 5_000_000;
    isDone = await pull(releaseOf(suite.image('big'))).then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'download.network' });
        failures += 1;
        return false;
      },
    );
  }
  state.cutAt = null;
  expect(failures).toBeGreaterThanOrEqual(4);
  expect(state.received - before).toBeGreaterThan(BIG_BYTES);
  expect(state.received - before).toBeLessThan(BIG_BYTES * 1.15);
  expect(await images.find(parseImage(suite.image('big')))).not.toBeNull();
});

test('a registry with a password wants it, takes the right one, and is named when it refuses', async () => {
  const release = releaseOf(`${locked.host}/team/big@sha256:${lockedDigest}`);
  const nobody = await deviceImages();
  await expect(nobody.pull(release)).rejects.toMatchObject({ code: 'container.registry_auth' });
  const stranger = await deviceImages({ scheme: 'basic', username: 'reader', password: 'wrong' });
  await expect(stranger.pull(release)).rejects.toMatchObject({ code: 'container.registry_auth' });
  const reader = await deviceImages({ scheme: 'basic', ...(locked.auth ?? { username: '', password: '' }) });
  await reader.pull(release);
  expect(await tags(reader.number)).toHaveLength(1);
});

test('a registry with a token service takes a token for this repository, ours or its own, and no other', async () => {
  const service = await startTokenService(REGISTRY_LOGIN);
  const registry = await startRegistry(join(suite.dir, 'tokens'), service);
  const digest = await suite.docker.push('big:1', registry, 'team/big');
  const release = releaseOf(`${registry.host}/team/big@sha256:${digest}`);
  const tokenFor = async (repository: string): Promise<RegistryTokenResponse> => {
    const authorization = `Basic ${Buffer.from(Object.values(REGISTRY_LOGIN).join(':')).toString('base64')}`;
    const answer = await fetch(`${service.realm}?scope=repository:${repository}:pull`, { headers: { authorization } });
    const { token } = (await answer.json()) as { token: string };
    return { scheme: 'bearer', token, expiresAt: Date.now() + 120_000 };
  };
  try {
    const trusted = await deviceImages(await tokenFor('team/big'));
    await trusted.pull(release);
    expect(await tags(trusted.number)).toHaveLength(1);
    const wrong = await deviceImages(await tokenFor('team/other'));
    await expect(wrong.pull(release)).rejects.toMatchObject({ code: 'container.registry_auth' });
    service.given.length = 0;
    const own = await deviceImages({ scheme: 'basic', ...REGISTRY_LOGIN });
    await own.pull(release);
    expect(service.given).toEqual(['repository:team/big:pull']);
  } finally {
    await registry.stop();
    service.stop();
  }
});

test('pruning takes what no release needs, keeps the rest, and lets layers go that the engine holds', async () => {
  const device = await deviceImages();
  const other = await deviceImages();
  const release = releaseOf(suite.image('big'));
  await device.pull(release);
  await other.pull(release);
  expect(device.files().length).toBeGreaterThan(3);
  await device.prune([release]);
  expect(device.files()).toEqual([suite.digests.get('big')]);
  expect(await tags(device.number)).toHaveLength(1);
  expect(await device.images.missing(release, never)).toEqual([]);
  await device.prune([]);
  expect(device.files()).toEqual([]);
  expect(await tags(device.number)).toEqual([]);
  expect(await tags(other.number)).toHaveLength(1);
  expect(await suite.docker.get('/images/big:1/json')).toHaveProperty('Id');
});

test('somebody else’s image under our tag is not taken for the one that was signed', async () => {
  const device = await deviceImages();
  const release = releaseOf(suite.image('big'));
  await device.pull(release);
  const [tag = ''] = await tags(device.number);
  const [repo = '', digest = ''] = tag.split(':');
  await suite.docker.engine.run({ method: 'POST', path: '/images/runner:1/tag', query: { repo, tag: digest } });
  expect(await device.images.find(parseImage(suite.image('big')))).toBeNull();
  expect(await device.images.missing(release, never)).not.toEqual([]);
});

function blobPath(digest: string): string {
  return join(suite.registry.dir, 'store/docker/registry/v2/blobs/sha256', digest.slice(0, 2), digest, 'data');
}

test('a layer whose digest differs is refused and thrown away; the engine gets nothing', async () => {
  const manifest = JSON.parse(readFileSync(blobPath(suite.digests.get('big') ?? ''), 'utf8'));
  const layer = manifest.layers[1].digest.replace('sha256:', '');
  const right = readFileSync(blobPath(layer));
  const wrong = Buffer.from(right);
  wrong[wrong.length >> 1] = (wrong[wrong.length >> 1] ?? 0) ^ 1;
  await chmod(blobPath(layer), 0o644);
  writeFileSync(blobPath(layer), wrong);
  const device = await deviceImages();
  await expect(device.pull(releaseOf(suite.image('big')))).rejects.toMatchObject({ code: 'verify.digest' });
  expect(await tags(device.number)).toEqual([]);
  expect(device.files()).not.toContain(layer);
  writeFileSync(blobPath(layer), right);
  await device.pull(releaseOf(suite.image('big')));
});
