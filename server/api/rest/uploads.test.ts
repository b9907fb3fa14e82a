import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../../testing/database.ts';
import { demoFile, demoRelease, removeArtifacts, type TestDeps, testDeps } from '../../testing/fleet.ts';
import { createTestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import { apiKey, jsonOf, restCalls } from '../../testing/rest-calls.ts';

const BYTES = { 'content-type': 'application/octet-stream' };
const database = testDatabase();
let pki: TestPki;
let deps: TestDeps;
let key: string;
const call = restCalls(() => ({ deps, key }));
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, () => new Date());
  const { owner } = await createTestOrganization(database.db());
  key = await apiKey(deps, owner);
  await demoRelease(deps, owner, '1.0.0');
});
afterAll(async () => {
  await removeArtifacts(deps);
  await pki.remove();
});

describe('an upload', () => {
  it('whose sender goes away in the middle is refused, and nothing is kept', async () => {
    const chunks = [await demoFile('vibration-fault-2.0.0.onnx').then((bytes) => bytes.subarray(0, 1000))];
    const body = new ReadableStream({
      pull: (controller) => {
        const chunk = chunks.shift();
        if (chunk) controller.enqueue(new Uint8Array(chunk));
        else controller.error(new TypeError('terminated'));
      },
    });
    const answer = await jsonOf(call('POST', '/models/gone/versions?version=1', { body, headers: BYTES }));
    expect(answer).toMatchObject({ status: 422, code: 'upload_cut_off' });
    expect(await readdir(join(deps.artifactsDir, 'incoming'))).toEqual([]);
  });

  it('that is refused unread does no harm when its sender goes away after that', async () => {
    let goAway = () => {};
    const body = new ReadableStream({
      start: (controller) => {
        goAway = () => controller.error(new TypeError('terminated'));
      },
    });
    const path = '/models/vibration-fault/versions?version=1.0.0';
    const answer = await jsonOf(call('POST', path, { body, headers: BYTES }));
    expect(answer).toMatchObject({ status: 409, code: 'version_exists' });
    goAway();
    await new Promise((resolve) => setImmediate(resolve)); // An error that nobody hears ends the process here.
  });

  it('of the file itself, and of several as a form, is registered; the bytes come back by ranges', async () => {
    const onnx = await demoFile('vibration-fault-2.0.0.onnx');
    const raw = await call('POST', '/models/raw/versions?version=1', {
      body: onnx,
      headers: BYTES,
    });
    expect([raw.status, (await raw.json()).sizeBytes]).toEqual([201, onnx.length]);
    const form = new FormData();
    form.append('model', new Blob([new Uint8Array(onnx)]), 'm.onnx');
    form.append('labels', new Blob([new Uint8Array(await demoFile('labels.json'))]), 'labels.json');
    expect((await jsonOf(call('POST', '/models/form/versions?version=1', { body: form }))).files).toHaveLength(2);
    const get = async (range?: string) => {
      const response = await call('GET', '/models/raw/versions/1/artifact', { headers: range ? { range } : {} });
      return [
        response.status,
        response.headers.get('content-range'),
        Buffer.from(await response.arrayBuffer()).toString('hex'),
      ];
    };
    const hex = (from: number, to: number) => onnx.subarray(from, to).toString('hex');
    expect(await get()).toEqual([200, null, hex(0, onnx.length)]);
    expect(await get('bytes=10-19')).toEqual([206, `bytes 10-19/${onnx.length}`, hex(10, 20)]);
    expect(await get('bytes=-5')).toEqual([
      206,
      `bytes ${onnx.length - 5}-${onnx.length - 1}/${onnx.length}`,
      hex(onnx.length - 5, onnx.length),
    ]);
    expect(await get(`bytes=${onnx.length}-`)).toEqual([416, `bytes */${onnx.length}`, '']);
  });

  it.each([
    ['of no model', Buffer.from('hello'), 'application/octet-stream', 422],
    ['of another type', Buffer.from('hello'), 'text/plain', 415],
    ['as a form without a boundary', Buffer.from('hello'), 'multipart/form-data', 422],
    [
      'as a form that is cut off',
      Buffer.from('--b\r\ncontent-disposition: form-data; name="model"; filename="m.onnx"\r\n\r\nabc'),
      'multipart/form-data; boundary=b',
      422,
    ],
    [
      'as a form with an unknown role',
      Buffer.from('--b\r\ncontent-disposition: form-data; name="virus"; filename="m.onnx"\r\n\r\nabc\r\n--b--\r\n'),
      'multipart/form-data; boundary=b',
      422,
    ],
  ])('%s is refused', async (_, body, type, status) => {
    const response = await call('POST', '/models/broken/versions?version=1', {
      body,
      headers: { 'content-type': type },
    });
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining('detail')]);
    expect(await database.db().model.count({ where: { name: 'broken' } })).toBe(0);
  });
});
