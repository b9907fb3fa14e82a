import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { Engine } from './engine.ts';
import { loadImage } from './load-image.ts';
import { linesOf } from './logs.ts';

let dir: string;
let server: Server;
const asked: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-engine-'));
  asked.length = 0;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

async function engineOf(version: object, answer: RequestListener = (_, response) => response.end('{}')) {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === '/version') response.end(JSON.stringify({ Version: '20', Os: 'linux', ...version }));
    else request.on('data', () => {}).on('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(join(dir, 'sock'), resolve));
  return new Engine(join(dir, 'sock'));
}
const get = (path: string) => ({ method: 'GET', path }) as const;

test.each([
  ['an old one in its own version', { ApiVersion: '1.41', MinAPIVersion: '1.12' }, '/v1.41/x'],
  ['one of two digits after one of one', { ApiVersion: '1.9', MinAPIVersion: '1.1' }, '/v1.9/x'],
  ['a new one in ours', { ApiVersion: '1.99', MinAPIVersion: '1.44' }, '/v1.47/x'],
])('the engine is spoken to: %s', async (_, version, path) => {
  const engine = await engineOf(version);
  await engine.json(get('/x'), z.object({}));
  expect(asked).toEqual(['GET /version', `GET ${path}`]);
});

test('an engine that has forgotten our version is named as such', async () => {
  const engine = await engineOf({ ApiVersion: '2.0', MinAPIVersion: '1.60' });
  await expect(engine.json(get('/x'), z.object({}))).rejects.toMatchObject({ code: 'container.engine' });
});

test('no engine is no version, and a call to it fails by name', async () => {
  const engine = await engineOf({ ApiVersion: '1.41' });
  const missing = new Engine(join(dir, 'nothing'));
  expect(await missing.version()).toBeNull();
  expect(await engine.version()).toBe('20');
  await expect(missing.run(get('/x'))).rejects.toMatchObject({ code: 'container.engine_away' });
});

test("what is not there is null, what fails says the engine's sentence", async () => {
  const engine = await engineOf({ ApiVersion: '1.41' }, (request, response) => {
    response.writeHead(request.url?.includes('gone') ? 404 : 500).end('{"message":"no such driver\\n"}');
  });
  expect(await engine.find(get('/gone'), z.object({}))).toBeNull();
  await engine.remove('/gone');
  await expect(engine.run(get('/x'))).rejects.toMatchObject({ status: 500, message: 'GET /x: no such driver' });
});

test.each([
  ['invalid diffID for layer 1', 'verify.digest'],
  ['write /var: no space left on device', 'storage.full'],
  ['something else', 'container.engine'],
])('an image that the engine refuses in the middle of a good answer is refused: %s', async (error, code) => {
  const engine = await engineOf({ ApiVersion: '1.41' }, (_, response) => {
    response.write('{"status":"Loading layer"}\n{"err');
    response.end(`or":"${error}"}`);
  });
  const archive = (async function* () {
    yield Buffer.from('tar');
  })();
  await expect(loadImage(engine, archive, new AbortController().signal)).rejects.toMatchObject({ code });
});

test('logs lose their frames, their escape codes and what is too long', () => {
  const frame = (stream: number, text: string) => {
    const head = Buffer.alloc(8);
    head[0] = stream;
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const frames = Buffer.concat([frame(1, 'one\ntw'), frame(2, 'o\u001b[31m\n'), frame(1, 'x'.repeat(900))]);
  expect(linesOf(frames)).toEqual(['one', 'two [31m', 'x'.repeat(500)]);
  expect(linesOf(frames.subarray(0, 12))).toEqual(['one']);
});
