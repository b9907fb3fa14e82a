import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ReleasePath } from '@flotilla/protocol';
import { messageOf } from '../logger.ts';
import { ReasonError } from '../reason-error.ts';
import type { FileSystem, OpenFile } from '../state/file-system.ts';

const BLOCK_BYTES = 512;

/** The one folder that a package holds. */
const TOP = 'flotilla-agent';

/** Entries of one package: fifty times what one has. */
const MAX_ENTRIES = 10_000;

/** What a file may be: `0` or nothing a regular one, `5` a folder. Links and devices are no part of a package. */
type Entry = { kind: 'file' | 'folder'; path: string; sizeBytes: number; isExecutable: boolean };

/**
 * Unpacks an agent's package (gzip over POSIX ustar) into `dir`, without the folder at its top, and makes it durable. Nothing is written
 * outside `dir`, nor more than `unpackedBytes`. @throws ReasonError `upgrade.package`, `storage.*`
 */
export async function unpackAgent(
  fs: FileSystem,
  archive: string,
  dir: string,
  unpackedBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const bytes = new Blocks(unzipped(fs, archive));
  const folders = new Set([dir]);
  let roomBytes = unpackedBytes;
  await fs.makeDir(dir);
  for (let entries = 0; ; entries++) {
    signal.throwIfAborted();
    const header = await bytes.take(BLOCK_BYTES);
    if (!header || header.every((byte) => byte === 0)) break;
    if (entries >= MAX_ENTRIES) throw refused(`it has more than ${MAX_ENTRIES} files`);
    const entry = entryOf(header);
    if (entry.kind === 'folder') continue;
    roomBytes -= entry.sizeBytes;
    if (roomBytes < 0) throw refused(`it unpacks to more than ${unpackedBytes} bytes`);
    const path = join(dir, entry.path);
    await fs.makeDir(dirname(path));
    for (let folder = dirname(path); folder.length > dir.length; folder = dirname(folder)) folders.add(folder);
    await writeFile(await fs.create(path, entry.isExecutable ? 0o755 : 0o644), bytes, entry.sizeBytes);
  }
  for (const folder of folders) await fs.syncDir(folder);
}

async function writeFile(file: OpenFile, bytes: Blocks, sizeBytes: number): Promise<void> {
  try {
    for (let left = sizeBytes; left > 0; ) {
      const chunk = await bytes.upTo(left);
      if (!chunk) throw refused('it ends in the middle of a file');
      await file.write(chunk);
      left -= chunk.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await bytes.take((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

function entryOf(header: Buffer): Entry {
  const text = (from: number, length: number) => {
    const field = header.subarray(from, from + length);
    const end = field.indexOf(0);
    return field.subarray(0, end === -1 ? length : end).toString('utf8');
  };
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (Number.parseInt(text(148, 8), 8) !== sum) throw refused('a header is damaged');
  const prefix = text(345, 155);
  const name = `${prefix === '' ? '' : `${prefix}/`}${text(0, 100)}`;
  const type = text(156, 1);
  if (type !== '' && type !== '0' && type !== '5') throw refused(`"${name}" is neither a file nor a folder`);
  const kind = type === '5' ? 'folder' : 'file';
  const path = kind === 'folder' ? name.replace(/\/$/, '') : name;
  const isTop = kind === 'folder' && path === TOP;
  const inside = path.slice(TOP.length + 1);
  if (!isTop && !(path.startsWith(`${TOP}/`) && ReleasePath.safeParse(inside).success))
    throw refused(`"${name}" is outside its folder`);
  const sizeBytes = Number.parseInt(text(124, 12), 8);
  if (!(sizeBytes >= 0)) throw refused(`"${name}" has no size`);
  return { kind, path: inside, sizeBytes, isExecutable: (Number.parseInt(text(100, 8), 8) & 0o111) !== 0 };
}

/** The archive's bytes, in the pieces that are asked for. */
class Blocks {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Something of the next bytes, but no more than `most`; null at the end. */
  async upTo(most: number): Promise<Buffer | null> {
    while (this.#rest.length === 0) {
      const next = await this.#source.next();
      if (next.done) return null;
      this.#rest = next.value;
    }
    const chunk = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(chunk.length);
    return chunk;
  }

  /** Exactly the next `length` bytes; null when there are none left. */
  async take(length: number): Promise<Buffer | null> {
    const chunks: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const chunk = await this.upTo(left);
      if (!chunk) return null;
      chunks.push(chunk);
      left -= chunk.length;
    }
    return Buffer.concat(chunks);
  }
}

async function* unzipped(fs: FileSystem, archive: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const source = Readable.from(fs.chunks(archive));
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip);
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw refused(messageOf(error));
    throw error;
  } finally {
    source.destroy();
  }
}

function refused(detail: string): ReasonError {
  return new ReasonError('upgrade.package', detail);
}
