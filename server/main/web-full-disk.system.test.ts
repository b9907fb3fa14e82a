import { mkdir, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import { demoFile } from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { smallDiskLauncher } from '../testing/small-disk.ts';
import { paddedModel, sendAllThenRead, upload, uploadForms, uploadKey } from '../testing/uploads.ts';
import { startTestWeb, type TestWeb } from '../testing/web.ts';
import { build } from './build.ts';

const MIB = 1024 ** 2;
const DISK = 'size=8m,nr_inodes=64';

const database = testDatabase();
let pki: TestPki;
let onnx: Buffer;
let mountPoint: string;
let web: TestWeb;
let ours: TestOrganization;
let key: string;

beforeAll(async () => {
  await build(['generate', 'agent', 'web'], (line) => console.log(`  ${line} …`));
  pki = await testPki();
  onnx = await demoFile('vibration-fault-1.0.0.onnx');
  mountPoint = await mkdtemp(join(tmpdir(), 'flotilla-small-disk-'));
  const launcher = await smallDiskLauncher(mountPoint, DISK);
  web = await startTestWeb({ databaseUrl: database.url(), pkiDir: pki.dir, artifactsDir: mountPoint, launcher });
}, 600_000); // With a cold build of web on a busy machine.
beforeEach(async () => {
  for (const name of await readdir(disk())) await rm(disk(name), { recursive: true });
  await mkdir(disk('incoming'));
  ours = await createTestOrganization(database.db());
  key = await uploadKey(database.db(), ours);
});
afterEach(() => expect(web.log()).not.toMatch(/uncaught|unhandled|a request failed/i));
afterAll(async () => {
  await web?.stop();
  await rm(mountPoint, { recursive: true });
  await pki.remove();
});

/** A path on the small disk, as web sees it. */
const disk = (...path: string[]) => join(`/proc/${web.pid}/root`, mountPoint, ...path);

async function expectNothingKept(): Promise<void> {
  const { organizationId } = ours;
  const rows = await Promise.all([
    database.db().model.count({ where: { organizationId } }),
    database.db().modelVersion.count({ where: { organizationId } }),
    database.db().auditEntry.count({ where: { organizationId, action: 'model-version.register' } }),
  ]);
  const entries = await readdir(disk(), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect([rows, files]).toEqual([[0, 0, 0], []]);
}

const to = (version: string) => ({ url: `${web.url}/api/v1/models/big/versions?version=${version}`, key });
const raw = uploadForms['the file itself'];
const noRoom = {
  status: 507,
  type: 'application/problem+json',
  body: expect.objectContaining({
    status: 507,
    code: 'storage_full',
    detail: expect.stringMatching(/no room left.*Nothing was kept.*Free space.*upload it again/),
  }),
};

const smaller = () => ({ ...to('smaller'), type: raw.type, chunks: paddedModel(onnx, MIB) });
const registered = { status: 201, body: { version: 'smaller' } };

describe('on a full disk nothing is kept, the answer says what to do, and a smaller file comes in next:', () => {
  it.each(Object.entries(uploadForms))('%s, when all is sent before the answer is read', async (_, { type, of }) => {
    const socket = connect(Number(new URL(web.url).port), '127.0.0.1');
    const chunks = of(paddedModel(onnx, 64 * MIB));
    expect(await sendAllThenRead(socket, { ...to('1'), type, chunks })).toMatchObject(noRoom);
    await expectNothingKept();
    expect(await sendAllThenRead(socket, smaller())).toMatchObject(registered);
    socket.destroy();
  });

  it.each(Object.entries(uploadForms))('%s, when the sender hangs up at the answer', async (_, { type, of }) => {
    const chunks = of(paddedModel(onnx, 1024 * MIB));
    expect(await upload({ ...to('1'), type, chunks })).toMatchObject(noRoom);
    await expectNothingKept();
    expect(await upload(smaller())).toMatchObject(registered);
  });

  it.each([
    ['is larger than the disk', (free: number) => 2 * free],
    ['would take the last of it', (free: number) => free - 1],
  ])('one that %s by its own word, before a byte of it is sent', async (_, sizeOf) => {
    const { bavail, bsize } = await statfs(disk());
    const announcedBytes = sizeOf(bavail * bsize);
    expect(await upload({ ...to('1'), type: raw.type, announcedBytes })).toMatchObject(noRoom);
    await expectNothingKept();
    expect(await upload(smaller())).toMatchObject(registered);
  });

  it.each([
    ['file', 0],
    ['folder', 1],
  ])('one for which the disk has no %s left', async (_, freeFiles) => {
    const { ffree } = await statfs(disk());
    const fillers = Array.from({ length: ffree - freeFiles }, (_, at) => disk(`filler-${at}`));
    for (const filler of fillers) await writeFile(filler, '');
    expect(await upload({ ...to('1'), type: raw.type, chunks: [onnx] })).toMatchObject(noRoom);
    for (const filler of fillers) await rm(filler);
    await expectNothingKept();
    expect(await upload(smaller())).toMatchObject(registered);
  });
});
