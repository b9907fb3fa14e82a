import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { versionPage } from '../queries/model-pages.ts';
import { testDatabase } from '../testing/database.ts';
import { demoFile } from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { paddedModel, upload, uploadForms, uploadKey } from '../testing/uploads.ts';
import { startTestWeb, type TestWeb } from '../testing/web.ts';

const GIB = 1024 ** 3;
const MAX_GROWTH_MIB = 64;
const TIMEOUT_MS = 300_000;

const database = testDatabase();
let pki: TestPki;
let artifactsDir: string;
let web: TestWeb;
let ours: TestOrganization;
let key: string;
let onnx: Buffer;

beforeAll(async () => {
  pki = await testPki();
  onnx = await demoFile('vibration-fault-1.0.0.onnx');
});
beforeEach(async () => {
  artifactsDir = await mkdtemp(join(tmpdir(), 'flotilla-gigabyte-'));
  ours = await createTestOrganization(database.db());
  key = await uploadKey(database.db(), ours);
  web = await startTestWeb({ databaseUrl: database.url(), pkiDir: pki.dir, artifactsDir });
});
afterEach(async () => {
  await web?.stop();
  await rm(artifactsDir, { recursive: true });
});
afterAll(() => pki.remove());

const to = (version: string) => ({ url: `${web.url}/api/v1/models/big/versions?version=${version}`, key });

/** Resident memory of web in MiB, by the kernel's own books: now, or the highest since `forgetPeak`. */
async function memoryMib(field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${web.pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
}
const forgetPeak = () => writeFile(`/proc/${web.pid}/clear_refs`, '5');

it.each(Object.entries(uploadForms))(
  `a gigabyte as %s passes through web in ${MAX_GROWTH_MIB} MiB of memory, and is registered whole`,
  async (_, { type, of }) => {
    expect(await upload({ ...to('small'), type, chunks: of([onnx]) })).toMatchObject({ status: 201 });
    await forgetPeak();
    const beforeMib = await memoryMib('VmRSS');
    const answer = await upload({ ...to('gigabyte'), type, chunks: of(paddedModel(onnx, GIB)) });
    const growthMib = (await memoryMib('VmHWM')) - beforeMib;

    const hash = createHash('sha256');
    let sizeBytes = 0;
    for (const chunk of paddedModel(onnx, GIB)) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
    const sha256 = hash.digest('hex');
    expect(answer).toMatchObject({ status: 201, body: { sizeBytes, sha256 } });
    const { version } = await versionPage({ db: database.db() }, ours.owner, { model: 'big', version: 'gigabyte' });
    expect(version).toMatchObject({ sizeBytes, sha256, facts: { fileSizeBytes: sizeBytes, opset: 17 } });
    expect((await stat(join(artifactsDir, sha256.slice(0, 2), sha256))).size).toBe(sizeBytes);
    expect(await readdir(join(artifactsDir, 'incoming'))).toEqual([]);
    expect(growthMib).toBeLessThanOrEqual(MAX_GROWTH_MIB);
  },
  TIMEOUT_MS,
);
