import { expect, test } from 'vitest';
import { readManifest } from './manifest.ts';

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const arm64 = { architecture: 'arm64' };
const image = {
  schemaVersion: 2,
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  config: { digest: digestOf('c'), size: 10 },
  layers: [{ digest: digestOf('1'), size: 100 }],
};

test('an image is its configuration and its layers', () => {
  expect(readManifest(bytes(image), arm64)).toEqual({
    image: {
      mediaType: image.mediaType,
      config: { sha256: 'c'.repeat(64), sizeBytes: 10 },
      layers: [{ sha256: '1'.repeat(64), sizeBytes: 100 }],
    },
  });
});

test('an index leads to the image of this processor, and names what there is when it has none', () => {
  const entry = (letter: string, os: string, architecture: string) => ({
    digest: digestOf(letter),
    size: 5,
    platform: { os, architecture },
  });
  const index = {
    schemaVersion: 2,
    manifests: [entry('a', 'linux', 'amd64'), entry('d', 'windows', 'arm64'), entry('b', 'linux', 'arm64')],
  };
  expect(readManifest(bytes(index), arm64)).toEqual({ next: { sha256: 'b'.repeat(64), sizeBytes: 5 } });
  expect(() => readManifest(bytes(index), { architecture: 'riscv64' })).toThrow(
    expect.objectContaining({ code: 'release.platform', message: expect.stringContaining('linux/arm64') }),
  );
});

test.each([
  ['no JSON', Buffer.from('<html>')],
  ['another thing', bytes({ errors: [] })],
  ['no layers', bytes({ ...image, layers: [] })],
  ['a digest that is a path', bytes({ ...image, config: { digest: 'sha256:../../x', size: 1 } })],
  ['a negative size', bytes({ ...image, config: { digest: digestOf('c'), size: -1 } })],
])('%s is no image', (_, given) => {
  expect(() => readManifest(given, arm64)).toThrow(expect.objectContaining({ code: 'release.malformed' }));
});
