import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileSystem, OpenFile } from './file-system.ts';

const NO_HARD_LINKS = new Set(['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'ENOSYS']);

export const nodeFileSystem: FileSystem = {
  async makeDir(path) {
    const firstMade = await fs.mkdir(path, { recursive: true, mode: 0o700 });
    if (firstMade === undefined) return;
    for (let each = path; each.length >= firstMade.length; each = dirname(each)) await syncDir(dirname(each));
  },
  create: async (path, mode = 0o600) => openFile(await fs.open(path, 'w', mode)),
  append: async (path) => openFile(await fs.open(path, 'a', 0o600)),
  read: (path) => orWhenMissing(fs.readFile(path), null),
  chunks: (path) => createReadStream(path, { highWaterMark: 256 * 1024 }),
  async sizeBytes(path) {
    const stats = await orWhenMissing(fs.stat(path), null);
    return stats?.size ?? null;
  },
  truncate: (path, sizeBytes) => fs.truncate(path, sizeBytes),
  async link(from, to) {
    await fs.rm(to, { force: true });
    try {
      await fs.link(from, to);
    } catch (error) {
      if (!NO_HARD_LINKS.has(codeOf(error))) throw error;
      await fs.copyFile(from, to);
      const copy = await fs.open(to, 'r+');
      await copy.sync().finally(() => copy.close());
    }
  },
  rename: (from, to) => fs.rename(from, to),
  unlink: (path) => fs.rm(path, { force: true }),
  removeTree: (path) => fs.rm(path, { force: true, recursive: true }),
  async list(path) {
    return (await orWhenMissing(fs.readdir(path), [])).sort();
  },
  syncDir,
};

async function syncDir(path: string): Promise<void> {
  const folder = await fs.open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

function openFile(handle: fs.FileHandle): OpenFile {
  return {
    async write(data) {
      for (let at = 0; at < data.length; ) at += (await handle.write(data, at)).bytesWritten;
    },
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

async function orWhenMissing<T, U>(result: Promise<T>, missing: U): Promise<T | U> {
  try {
    return await result;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return missing;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
