import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReleaseFile } from '@flotilla/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHttp } from '../connection/http.ts';
import { nodeFileSystem as fs } from '../state/node-file-system.ts';
import { ArtifactStore } from './artifact-store.ts';
import { type DownloadPorts, download, SLOWEST } from './download.ts';
import { downloadRelease } from './download-release.ts';
import { Pace } from './pace.ts';

const content = randomBytes(300_000);
const file: ReleaseFile = {
  path: 'model.onnx',
  sha256: createHash('sha256').update(content).digest('hex'),
  sizeBytes: content.length,
  role: 'model',
};
let dir: string;
let server: Server;
const ranges: (string | undefined)[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-store-'));
  ranges.length = 0;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

async function portsFor(answer: RequestListener, slowest = SLOWEST): Promise<DownloadPorts> {
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const open: DownloadPorts['open'] = (sha256, from, signal) => {
    const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
    return openHttp({ url: `http://127.0.0.1:${port}/${sha256}`, headers, signal });
  };
  return { fs, store: new ArtifactStore(fs, dir), open, slowest };
}

/** Answers with Range as a good server does, and closes the connection after `cutAfter` bytes. */
const serving =
  (bytes: Buffer, cutAfter = Number.POSITIVE_INFINITY): RequestListener =>
  (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length });
    if (rest.length <= cutAfter) response.end(rest);
    else response.write(rest.subarray(0, cutAfter), () => response.destroy());
  };

const never = new AbortController().signal;
const fetchIt = (ports: DownloadPorts) => download(ports, file, never, () => {});

test('a download cut again and again goes on where it stopped and ends in the right bytes', async () => {
  const ports = await portsFor(serving(content, 70_000));
  let failures = 0;
  for (let isDone = false; !isDone; ) {
    isDone = await fetchIt(ports).then(
      () => true,
      (error) => {
        expect(error).toMatchObject({ code: 'download.network' });
        failures += 1;
        return false;
      },
    );
  }
  await ports.store.verify(file);
  expect(Buffer.from((await fs.read(ports.store.pathOf(file))) ?? []).equals(content)).toBe(true);
  expect(failures).toBeGreaterThanOrEqual(4);
  const starts = ranges.map((range) => Number(/\d+/.exec(range ?? '0')?.[0]));
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(new Set(starts).size).toBeGreaterThanOrEqual(4);
});

test('a server without Range makes it start over, not double', async () => {
  const ports = await portsFor((_, response) => response.end(content));
  const part = await fs.create(ports.store.partOf(file));
  await part.write(content.subarray(0, 1000));
  await part.close();
  await fetchIt(ports);
  await ports.store.verify(file);
});

test('wrong bytes are thrown away with their digest named, and the next try starts from nothing', async () => {
  const ports = await portsFor(serving(randomBytes(content.length)));
  await fetchIt(ports);
  await expect(ports.store.verify(file)).rejects.toMatchObject({ code: 'verify.digest' });
  expect(await ports.store.heldBytes(file)).toBe(0);
});

test('a download that goes on past the signed size is stopped there', async () => {
  const ports = await portsFor(serving(Buffer.concat([content, randomBytes(5_000_000)])));
  await expect(fetchIt(ports)).rejects.toMatchObject({ code: 'download.too_large' });
  expect(await ports.store.heldBytes(file)).toBeLessThanOrEqual(content.length);
});

test.each([
  ['a server that sends nothing', (() => {}) as RequestListener],
  ['one that drips', ((_, response) => void setInterval(() => response.write('x'), 5).unref()) as RequestListener],
  ['one that stops', ((_, response) => void response.write(content.subarray(0, 1000))) as RequestListener],
])('%s is too slow', async (_, answer) => {
  const ports = await portsFor(answer, { minBytes: 1024, perMs: 100 });
  await expect(fetchIt(ports)).rejects.toMatchObject({ code: 'download.too_slow' });
});

test.each([
  [404, 'download.not_found'],
  [503, 'download.network'],
])('status %s is %s', async (status, code) => {
  const ports = await portsFor((_, response) => response.writeHead(status).end());
  await expect(fetchIt(ports)).rejects.toMatchObject({ code });
});

test('a disk without room is named as such, and not taken for the network', async () => {
  const ports = await portsFor(serving(content));
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const file = { write: () => Promise.reject(full), sync: async () => {}, close: async () => {} };
  const fullDisk = { ...ports, fs: { ...fs, create: async () => file } };
  await expect(fetchIt(fullDisk)).rejects.toMatchObject({ code: 'storage.full' });
});

test('two slots that want the same file at the same time fetch it once', async () => {
  const ports = await portsFor(serving(content));
  const seen: number[] = [];
  const slot = async () => {
    const freeBytes = async () => Number.POSITIVE_INFINITY;
    await downloadRelease({ ...ports, freeBytes }, [file], never, ({ bytes }) => seen.push(bytes));
    await ports.store.verify(file);
  };
  await Promise.all([slot(), slot()]);
  expect(ranges).toEqual([undefined]);
  expect(seen.filter((bytes) => bytes === content.length).length).toBeGreaterThanOrEqual(2);
  expect(Buffer.from((await fs.read(ports.store.pathOf(file))) ?? []).equals(content)).toBe(true);
});

test('pruning keeps what is named, half downloads of it too', async () => {
  const ports = await portsFor(serving(content));
  for (const name of ['aa', 'bb.part', 'cc', 'dd.part']) await (await fs.create(join(dir, name))).close();
  expect(await ports.store.prune(new Set(['aa', 'bb']))).toBe(2);
  expect(await fs.list(dir)).toEqual(['aa', 'bb.part']);
});

test('a limit of speed holds the sender back and is no sign of a slow one', async () => {
  const ports = await portsFor(serving(content), { minBytes: 100_000, perMs: 200 });
  const startedMs = performance.now();
  await download({ ...ports, pace: new Pace(200_000) }, file, never, () => {});
  expect(performance.now() - startedMs).toBeGreaterThan(1_000);
  await expect(ports.store.verify(file)).resolves.toBeUndefined();
});

test('a limit of speed does not keep a download from being given up', async () => {
  const ports = await portsFor(serving(content));
  const ending = new AbortController();
  const given = download({ ...ports, pace: new Pace(1_000) }, file, ending.signal, () => ending.abort());
  await expect(given).rejects.toThrow();
});
