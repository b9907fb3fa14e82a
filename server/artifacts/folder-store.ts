import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../domain/errors.ts';
import { collectPassedBytes } from '../platform/passed-bytes.ts';
import type { ArtifactStore, ReceivedFile } from '../services/deps.ts';

/** An unfinished upload older than this belongs to a process that is gone. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;

/** Left free by announced uploads, because the database and the logs are often on the same disk: this share of it, but no more than … */
const RESERVE_SHARE = 0.05;
const MAX_RESERVE_BYTES = 256 * 1024 ** 2;

/**
 * A content-addressed store in a folder: `<dir>/<first two hex digits>/<sha256>`, and `<dir>/incoming/` for what is arriving.
 * A file appears under its digest by a rename after an fsync, so it is there whole or not at all.
 */
export async function createFolderStore(dir: string): Promise<ArtifactStore> {
  const incoming = join(dir, 'incoming');
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  await removeAbandoned(incoming);
  const pathOf = (sha256: string) => join(dir, sha256.slice(0, 2), sha256);
  return {
    requireRoom: (sizeBytes) => requireRoom(dir, sizeBytes),
    receive: (bytes, { maxBytes }) => inWords(receive(incoming, pathOf, bytes, maxBytes)),
    open: async (sha256, range) => {
      const path = pathOf(sha256);
      await access(path);
      return createReadStream(path, range);
    },
    source: openSource,
  };
}

async function requireRoom(dir: string, sizeBytes: number): Promise<void> {
  const { bsize, blocks, bavail } = await statfs(dir);
  if (blocks === 0) return; // Some file systems have no size to tell; writing will show.
  const reserveBytes = Math.min(MAX_RESERVE_BYTES, RESERVE_SHARE * blocks * bsize);
  if (sizeBytes + reserveBytes > bavail * bsize) throw storageFull();
}

async function receive(
  incoming: string,
  pathOf: (sha256: string) => string,
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<ReceivedFile> {
  const path = join(incoming, randomUUID());
  const hash = createHash('sha256');
  const passed = collectPassedBytes();
  let sizeBytes = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
      hash.update(chunk);
      await file.writeFile(chunk);
      passed(chunk.length);
    }
    await file.sync();
    await file.close();
  } catch (cause) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw cause;
  }
  const sha256 = hash.digest('hex');
  return {
    path,
    sha256,
    sizeBytes,
    publish: () => inWords(publish(path, pathOf(sha256))),
    discard: () => rm(path, { force: true }),
  };
}

async function publish(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rename(from, to);
  const folder = await open(dirname(to));
  await folder.sync();
  await folder.close();
}

async function openSource(path: string): Promise<Awaited<ReturnType<ArtifactStore['source']>>> {
  const file: FileHandle = await open(path, 'r');
  const { size } = await file.stat();
  return {
    sizeBytes: size,
    read: async (offset, length) => {
      const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

async function removeAbandoned(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

function tooLarge(maxBytes: number): AppError {
  return new AppError({
    code: 'payload_too_large',
    userMessage: `The file is larger than this server accepts (${maxBytes} bytes). Nothing was kept.`,
  });
}

function storageFull(cause?: unknown): AppError {
  return new AppError({
    code: 'storage_full',
    userMessage:
      'The server has no room left for this upload. Nothing was kept. Free space on its disk, or ask whoever runs it; then upload it again.',
    cause,
  });
}

function inWords<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    throw toAppError(cause);
  });
}

function toAppError(cause: unknown): unknown {
  if (cause instanceof AppError) return cause;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return storageFull(cause);
  if (
    code === 'ECONNRESET' ||
    code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    (cause instanceof Error && cause.name === 'AbortError')
  ) {
    return new AppError({
      code: 'invalid',
      reason: 'upload_cut_off',
      userMessage: 'The upload was cut off. Nothing was kept; upload the file again.',
      cause,
    });
  }
  return cause;
}
