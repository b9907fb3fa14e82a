import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFileSystem as fs } from '../../state/node-file-system.ts';
import { ArtifactStore } from '../../store/artifact-store.ts';
import { Repository } from '../registry/registry.ts';
import { fetchManifest } from './fetch-manifest.ts';
import { MAX_MANIFEST_BYTES } from './manifest.ts';

const content = '{"schemaVersion":2}';
const sha256 = createHash('sha256').update(content).digest('hex');
let dir: string;
let server: Server;
let requests = 0;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-manifest-'));
  requests = 0;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

async function fetchFrom(answer: RequestListener, times = 1): Promise<string> {
  server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = async () => ({ scheme: 'none' }) as const;
  const repository = new Repository({ credentials }, { registry, repository: 'app', digest: sha256 });
  let bytes: Uint8Array = new Uint8Array();
  for (let n = 0; n < times; n++) {
    const ports = { fs, store: new ArtifactStore(fs, dir) };
    bytes = await fetchManifest(ports, repository, sha256, new AbortController().signal);
  }
  return Buffer.from(bytes).toString();
}

test('a manifest is fetched once and is on disk afterwards', async () => {
  expect(await fetchFrom((_, response) => response.end(content), 2)).toBe(content);
  expect(requests).toBe(1);
  expect(await fs.list(dir)).toEqual([sha256]);
});

test.each([
  ['other bytes than were signed', (_, response) => response.end(`${content} `), 'verify.digest'],
  ['no end', (_, response) => response.end(Buffer.alloc(MAX_MANIFEST_BYTES + 1)), 'download.too_large'],
  ['nothing', (_, response) => response.writeHead(404).end(), 'download.not_found'],
  ['trouble', (_, response) => response.writeHead(503).end(), 'download.network'],
  ['a cut', (_, response) => response.write('{', () => response.destroy()), 'download.network'],
] as [string, RequestListener, string][])(
  'a registry that gives %s is named, and nothing is kept',
  async (_, answer, code) => {
    await expect(fetchFrom(answer)).rejects.toMatchObject({ code });
    expect(await fs.list(dir)).toEqual([]);
  },
);
