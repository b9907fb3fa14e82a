/**
 * One test for each attack of the TUF specification (1.5.2) and the Uptane standard (4) on a device, named as they name it. Here: files and images.
 * Each ends with the same three things: what served serves on, nothing of the attacker's is kept, and the event that is
 * reported names the suspicion.
 */
import { randomBytes } from 'node:crypto';
import { Release, ReleasePath } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { checkRelease } from '../slot/check-release.ts';
import { ArtifactStore } from '../store/artifact-store.ts';
import { stage } from '../store/stage.ts';
import { documentOf, releaseOf, sign, useAttackedDevice } from '../testing/attacked-device.ts';
import { makeRelease, uuid } from '../testing/release.ts';

const device = useAttackedDevice();
const good = randomBytes(4_000);
const weights = randomBytes(3_000);

test('TUF, Uptane: endless data: a file is stopped at its signed size, and no more of it is kept', async () => {
  const release = releaseOf({ 'model.onnx': good });
  const behind = device.behind(function* () {
    while (true) yield good.subarray(0, 900);
  });
  await expect(behind.get(release)).rejects.toMatchObject({ code: 'download.too_large' });
  expect(await behind.store.heldBytes(release.files[0] as Release['files'][0])).toBeLessThanOrEqual(good.length);
});

test('TUF, Uptane: slow retrieval: a mirror that drips is given up, and named', async () => {
  const behind = device.behind(async function* () {
    while (true) {
      yield Buffer.alloc(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  await expect(behind.get(releaseOf({ 'model.onnx': good }))).rejects.toMatchObject({ code: 'download.too_slow' });
});

test('TUF: malicious mirror: other bytes of the same length are thrown away, and named', async () => {
  const release = releaseOf({ 'model.onnx': good });
  const behind = device.behind(() => [randomBytes(good.length)]);
  await behind.get(release);
  await expect(behind.verify(release)).rejects.toMatchObject({ code: 'verify.digest' });
  expect(await device.disk.list('/d/artifacts')).toEqual([]);
});

test('TUF, Uptane: mix-and-match, partial bundle: of two files that belong together, one of another release stops both', async () => {
  const release = releaseOf({ 'model.onnx': good, 'model.data': weights });
  const older = randomBytes(weights.length);
  const behind = device.behind((sha256) => [
    sha256 === release.model.sha256 || isModel(release, sha256) ? good : older,
  ]);
  await behind.get(release);
  await expect(behind.verify(release)).rejects.toMatchObject({ code: 'verify.digest' });
  await expect(stage(device.disk, behind.store, release, '/d/slots/default/x')).rejects.toThrow();
});
const isModel = ({ files }: Release, sha256: string) => files[0]?.sha256 === sha256;

test('TUF: extraneous dependencies: only what the signed release names is asked for', async () => {
  const release = releaseOf({ 'model.onnx': good, 'model.data': weights });
  const asked: string[] = [];
  const behind = device.behind((sha256) => {
    asked.push(sha256);
    return [isModel(release, sha256) ? good : weights];
  });
  await behind.get(release);
  await behind.verify(release);
  expect(asked).toEqual(release.files.map(({ sha256 }) => sha256));
  expect(await device.disk.list('/d/artifacts')).toEqual([...asked].sort());
});

test.each(['../identity/key.pem', '/etc/passwd', 'a/../../b', '.hidden', 'a//b', 'a\\..\\b', 'a\0b', ''])(
  'path traversal: a file named %j is refused before anything is fetched, and at staging again',
  async (path) => {
    const release = releaseOf({ 'model.onnx': good });
    const named = { ...release, files: [{ ...release.files[0], path }] };
    expect(ReleasePath.safeParse(path).success).toBe(false);
    await device.expectRefused(
      await sign(documentOf({ slots: { default: { deployment: uuid(3), release: named } } }), device.server),
      'desired.malformed',
    );
    const staged = stage(
      device.disk,
      new ArtifactStore(device.disk, '/d/artifacts'),
      named as Release,
      '/d/slots/default/x',
    );
    await expect(staged).rejects.toMatchObject({ code: 'verify.path' });
  },
);

test('path traversal: a file that is a folder of another too is refused', () => {
  const release = releaseOf({ model: good, 'model/weights': weights });
  const facts = { runtimes: ['process'], executionProviders: ['cpu'], maxOpset: 99 };
  expect(() => checkRelease(release, facts as never)).toThrow(expect.objectContaining({ code: 'verify.path' }));
});

test('Uptane: wrong image: a container that is not named by digest is no release', () => {
  const runtime = { kind: 'container', image: 'registry.example/runner:latest', memoryMb: 64, cpus: 1 };
  expect(Release.safeParse({ ...makeRelease(1), runtime }).success).toBe(false);
});
