import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ReleaseFile } from '@flotilla/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFileSystem as fs } from '../state/node-file-system.ts';
import { makeRelease } from '../testing/release.ts';
import { layOutRepository } from './model-repository.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-repository-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function layOut(files: [path: string, role: ReleaseFile['role']][], name = 'vision'): Promise<string> {
  const sha256 = '0'.repeat(64);
  for (const [path] of files) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), path);
    chmodSync(join(dir, path), 0o600);
  }
  const release = makeRelease(1, {
    model: { name, version: '1', sha256 },
    files: files.map(([path, role]) => ({ path, role, sha256, sizeBytes: path.length })),
  });
  return await layOutRepository({ fs, chmod }, release, dir);
}

test("Triton's layout: the model by its usual name, its weights beside it, golden inputs left out, readable by all", async () => {
  const root = await layOut([
    ['net/best.onnx', 'model'],
    ['net/weights/w.bin', 'external-data'],
    ['config.pbtxt', 'external-data'],
    ['labels.json', 'labels'],
    ['golden.json', 'golden'],
  ]);
  const placed = {
    'vision/1/model.onnx': 'net/best.onnx',
    'vision/1/weights/w.bin': 'net/weights/w.bin',
    'vision/config.pbtxt': 'config.pbtxt',
    'vision/labels.json': 'labels.json',
  };
  for (const [path, content] of Object.entries(placed)) {
    expect(await readFile(join(root, path), 'utf8')).toBe(content);
    expect(statSync(join(root, path)).mode & 0o777).toBe(0o444);
  }
  expect((await fs.list(join(root, 'vision'))).sort()).toEqual(['1', 'config.pbtxt', 'labels.json']);
  for (const folder of ['', 'vision', 'vision/1', 'vision/1/weights']) {
    expect(statSync(join(root, folder)).mode & 0o777).toBe(0o755);
  }
});

test('a model of another format keeps its name, and laying out again changes nothing', async () => {
  const files: [string, ReleaseFile['role']][] = [['model.plan', 'model']];
  await layOut(files);
  expect(await fs.list(join(await layOut(files), 'vision/1'))).toEqual(['model.plan']);
});

test.each([
  ['a name that leads out of the folder', [['model.onnx', 'model']], '../../etc'],
  [
    'weights that do not lie below the model',
    [
      ['net/model.onnx', 'model'],
      ['w.bin', 'external-data'],
    ],
    'vision',
  ],
] as [string, [string, ReleaseFile['role']][], string][])('%s is refused', async (_, files, name) => {
  await expect(layOut(files, name)).rejects.toMatchObject({ code: 'verify.path' });
});
