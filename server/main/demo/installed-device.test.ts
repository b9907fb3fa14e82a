import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { build } from '../build.ts';
import { installDevice } from './installed-device.ts';

const root = join(import.meta.dirname, '../../..');
let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'flotilla-device-')), "the owner's & press 01");
});
afterEach(() => rm(join(dir, '..'), { recursive: true }));

test('the launcher starts the agent of this checkout, whatever the folder is called', async () => {
  await build(['agent'], () => {});
  const { launcher } = await installDevice(dir);
  const { stdout } = await promisify(execFile)(launcher, ['--version']);
  const manifest = JSON.parse(await readFile(join(root, 'agent/dist/package/manifest.json'), 'utf8'));
  expect(stdout).toBe(`${manifest.version}\n`);
}, 60_000);

test('laid out again it is the same device', async () => {
  const { dataDir, isEnrolled } = await installDevice(dir);
  expect(isEnrolled).toBe(false);
  await keepIdentity(dataDir);
  expect(await installDevice(dir)).toMatchObject({ dataDir, isEnrolled: true });
  expect(await readFile(join(dataDir, 'identity/identity.json'), 'utf8')).toBe('mine');
});

test.each([
  ['whole', ''],
  ['when moving it was cut', '.moving'],
] as const)('state from before there was a launcher is moved, %s', async (_, suffix) => {
  const bare = dir + suffix;
  await keepIdentity(bare);
  await mkdir(join(bare, 'agent'));
  const { dataDir, isEnrolled } = await installDevice(dir);
  expect(isEnrolled).toBe(true);
  expect(await readFile(join(dataDir, 'identity/identity.json'), 'utf8')).toBe('mine');
  expect(await installDevice(dir)).toMatchObject({ isEnrolled: true });
});

async function keepIdentity(stateDir: string): Promise<void> {
  await mkdir(join(stateDir, 'identity'), { recursive: true });
  await writeFile(join(stateDir, 'identity/identity.json'), 'mine');
}
