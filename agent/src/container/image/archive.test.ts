import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Parser } from 'tar';
import { expect, test } from 'vitest';
import { MemoryFileSystem } from '../../state/testing/memory-file-system.ts';
import { imageArchive } from './archive.ts';
import { tarHeader } from './tar.ts';

/** Reads a tar as others do. */
async function readTar(bytes: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const reading: Promise<unknown>[] = [];
  const parser = new Parser({
    onReadEntry: (entry) => {
      reading.push(buffer(entry as unknown as Readable).then((content) => files.set(entry.path, content)));
    },
    strict: true,
  });
  await new Promise<void>((resolve, reject) => {
    parser.on('end', () => resolve());
    parser.on('error', reject);
    parser.end(bytes);
  });
  await Promise.all(reading);
  return files;
}

test('the archive holds every blob once, under its digest, and says the same to old engines and new', async () => {
  const fs = new MemoryFileSystem();
  const put = async (text: string) => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    const file = await fs.create(`/${sha256}`);
    await file.write(Buffer.from(text));
    return { sha256, sizeBytes: text.length };
  };
  const layer = await put('x'.repeat(700));
  const config = await put('{"os":"linux"}');
  const manifest = await put('{"schemaVersion":2}');
  const image = { mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers: [layer, layer] };
  const parts = imageArchive({ fs, pathOf: ({ sha256 }) => `/${sha256}` }, image, manifest, 'flotilla/d:abc');
  const files = await readTar(await buffer(Readable.from(parts)));

  const blob = ({ sha256 }: { sha256: string }) => `blobs/sha256/${sha256}`;
  expect([...files.keys()]).toEqual([
    'oci-layout',
    'index.json',
    'manifest.json',
    blob(manifest),
    blob(config),
    blob(layer),
  ]);
  expect(files.get(blob(layer))?.toString()).toBe('x'.repeat(700));
  const json = (path: string) => JSON.parse(files.get(path)?.toString() ?? '');
  expect(json('manifest.json')).toEqual([
    { Config: blob(config), RepoTags: ['flotilla/d:abc'], Layers: [blob(layer), blob(layer)] },
  ]);
  expect(json('index.json').manifests).toMatchObject([
    { digest: `sha256:${manifest.sha256}`, annotations: { 'io.containerd.image.name': 'docker.io/flotilla/d:abc' } },
  ]);
});

test('a layer above eight gibibytes has its size in binary', () => {
  const header = tarHeader('blobs/sha256/x', 9 * 2 ** 30);
  expect(header[124]).toBe(0x80);
  expect(header.readBigUInt64BE(128)).toBe(BigInt(9 * 2 ** 30));
  expect(tarHeader('x', 2 ** 33 - 1).toString('latin1', 124, 135)).toBe('77777777777');
});
