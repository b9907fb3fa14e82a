import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { externalInitializer, model } from '../../domain/onnx/test-encoder.ts';
import { demoFile, partsOf } from '../../testing/fleet.ts';
import { createTestMember, createTestOrganization } from '../../testing/organizations.ts';
import { type TestFleet, testFleet } from '../../testing/test-fleet.ts';
import { RegisterVersion, registerVersion, type UploadPart } from './register-version.ts';

let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let onnx: Buffer;
const fleet = testFleet(async (made) => {
  ({ deps, ours } = made);
});
beforeAll(async () => {
  onnx = await demoFile('vibration-fault-1.0.0.onnx');
});

const register = (parts: AsyncIterable<UploadPart>, version = '1', actor = ours.owner) =>
  registerVersion(deps, actor, RegisterVersion.parse({ model: 'vibration', version }), parts);
const text = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const rows = () => {
  const where = { organizationId: ours.organizationId };
  return Promise.all([fleet.db.model.count({ where }), fleet.db.modelVersion.count({ where })]);
};
const incoming = () => readdir(join(deps.artifactsDir, 'incoming'));
const published = async () => (await readdir(deps.artifactsDir)).filter((name) => name !== 'incoming');

async function* brokenOff(error: Error): AsyncGenerator<UploadPart> {
  const bytes = async function* () {
    yield onnx.subarray(0, 1000);
    throw error;
  };
  yield { role: 'model', path: 'm.onnx', bytes: bytes() };
}

describe('a version', () => {
  it('is registered with its golden inputs and labels, what the file says, and an audit row', async () => {
    const [golden, labels] = [await demoFile('vibration-fault-1.0.0.golden.json'), await demoFile('labels.json')];
    const version = await register(
      partsOf(['model', 'v.onnx', onnx], ['golden', 'golden.json', golden], ['labels', 'labels.json', labels]),
    );
    expect(version).toMatchObject({
      modelName: 'vibration',
      version: '1',
      sizeBytes: onnx.length,
      facts: { opset: 17 },
    });
    expect(version.files.map(({ path, role, sizeBytes }) => [path, role, sizeBytes])).toEqual([
      ['golden.json', 'golden', golden.length],
      ['labels.json', 'labels', labels.length],
      ['v.onnx', 'model', onnx.length],
    ]);
    const stored = await Readable.from(await deps.artifacts.open(version.sha256)).toArray();
    expect(Buffer.concat(stored).equals(onnx)).toBe(true);
    expect(await incoming()).toEqual([]);
    expect(
      await fleet.db.auditEntry.count({ where: { action: 'model-version.register', subjectId: version.id } }),
    ).toBe(1);
  });

  it('never changes: the same name again is a conflict, also for two at once', async () => {
    await register(partsOf(['model', 'm.onnx', onnx]));
    await expect(register(partsOf(['model', 'm.onnx', onnx]))).rejects.toMatchObject({
      code: 'conflict',
      reason: 'version_exists',
    });
    const both = await Promise.allSettled([1, 2].map(() => register(partsOf(['model', 'm.onnx', onnx]), '2')));
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { reason: 'version_exists' } });
    expect([await rows(), await incoming()]).toEqual([[1, 2], []]);
  });

  it('needs the permission', async () => {
    const viewer = await createTestMember(fleet.db, ours.organizationId, 'viewer');
    await expect(register(partsOf(['model', 'm.onnx', onnx]), '1', viewer)).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  it('of the same bytes belongs to each organization by itself', async () => {
    const theirs = await createTestOrganization(fleet.db);
    await register(partsOf(['model', 'm.onnx', onnx]));
    await register(partsOf(['model', 'm.onnx', onnx]), '1', theirs.owner);
    expect(await rows()).toEqual([1, 1]);
  });
});

describe('nothing is kept, and the error says why, of', () => {
  const external = Buffer.from(model(externalInitializer('w', { location: 'weights.bin' })));
  const golden = (value: unknown) => partsOf(['model', 'm.onnx', onnx], ['golden', 'g.json', text(value)]);
  const cases: [string, () => AsyncIterable<UploadPart>, object][] = [
    [
      'a picture',
      () => partsOf(['model', 'm.onnx', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')]),
      { code: 'invalid', reason: expect.stringMatching(/^onnx_/), userMessage: expect.stringContaining('PNG') },
    ],
    ['an empty file', () => partsOf(['model', 'm.onnx', Buffer.alloc(0)]), { reason: expect.stringMatching(/^onnx_/) }],
    [
      'a truncated model',
      () => partsOf(['model', 'm.onnx', onnx.subarray(0, onnx.length - 100)]),
      { reason: expect.stringMatching(/^onnx_/), userMessage: expect.stringContaining('m.onnx') },
    ],
    [
      'a model whose weights are elsewhere',
      () => partsOf(['model', 'm.onnx', external]),
      { reason: 'external_data_missing', userMessage: expect.stringContaining('weights.bin') },
    ],
    [
      'no model at all',
      () => partsOf(['labels', 'labels.json', text({ v: 1, classes: ['a', 'b'] })]),
      { reason: 'model_file' },
    ],
    ['two models', () => partsOf(['model', 'a.onnx', onnx], ['model', 'b.onnx', onnx]), { reason: 'model_file' }],
    ['a name twice', () => partsOf(['model', 'a', onnx], ['labels', 'a', onnx]), { reason: 'file' }],
    [
      'golden inputs that are not JSON',
      () => golden('{'),
      { reason: 'file', userMessage: expect.stringContaining('g.json is not JSON') },
    ],
    [
      'golden inputs of another form',
      () => golden({ v: 1, cases: [] }),
      { reason: 'file', userMessage: expect.stringContaining('cases') },
    ],
    [
      'labels of one class',
      () => partsOf(['model', 'm.onnx', onnx], ['labels', 'l.json', text({ v: 1, classes: ['a'] })]),
      { reason: 'file' },
    ],
    [
      'a stream that was cut off',
      () => brokenOff(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })),
      { code: 'invalid', reason: 'upload_cut_off' },
    ],
    ['a full disk', () => brokenOff(Object.assign(new Error('full'), { code: 'ENOSPC' })), { code: 'storage_full' }],
    ...['../m.onnx', '/etc/passwd', 'a/../../b', '.hidden', 'a\\b', '', 'a//b', 'a\0b'].map(
      (path): (typeof cases)[number] => [
        `a file named ${JSON.stringify(path)}`,
        () => partsOf(['model', path, onnx]),
        { code: 'invalid', reason: 'file', fields: [{ pointer: '/files' }] },
      ],
    ),
  ];
  it.each(cases)('%s', async (_, parts, error) => {
    await expect(register(parts())).rejects.toMatchObject(error);
    expect([await rows(), await incoming(), await published()]).toEqual([[0, 0], [], []]);
  });

  it('more than the disk has room for by the sender’s own word, before a byte is read', async () => {
    const unread = (async function* () {
      yield await Promise.reject(new Error('a part was read'));
    })();
    const input = RegisterVersion.parse({ model: 'vibration', version: '1' });
    const refused = registerVersion(deps, ours.owner, input, unread, Number.MAX_SAFE_INTEGER);
    await expect(refused).rejects.toMatchObject({ code: 'storage_full' });
    expect([await rows(), await incoming(), await published()]).toEqual([[0, 0], [], []]);
  });

  it('a file that is too large, as soon as it is', async () => {
    let sent = 0;
    const endless = (async function* () {
      for (;;) {
        sent += 1;
        yield Buffer.alloc(1000);
      }
    })();
    await expect(deps.artifacts.receive(endless, { maxBytes: 10_500 })).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    expect([sent, await incoming()]).toEqual([11, []]);
  });
});
