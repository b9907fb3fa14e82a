import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ReleaseFile } from '@flotilla/protocol';
import { ReasonError } from '../reason-error.ts';
import type { FileSystem } from '../state/file-system.ts';

const noop = () => {};

type Blob = Pick<ReleaseFile, 'sha256' | 'sizeBytes'>;

/**
 * Files by their SHA-256. `<sha256>.part` is what has arrived so far; it becomes `<sha256>` when its digest was checked,
 * and not before.
 */
export class ArtifactStore {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #turns = new Map<string, Promise<void>>();

  constructor(fs: FileSystem, dir: string) {
    this.#fs = fs;
    this.#dir = dir;
  }

  pathOf({ sha256 }: Blob): string {
    return join(this.#dir, sha256);
  }

  partOf(blob: Blob): string {
    return `${this.pathOf(blob)}.part`;
  }

  /** Bytes already here, checked or not. */
  async heldBytes(blob: Blob): Promise<number> {
    return (await this.#fs.sizeBytes(this.pathOf(blob))) ?? (await this.#fs.sizeBytes(this.partOf(blob))) ?? 0;
  }

  async isHeld(blob: Blob): Promise<boolean> {
    return (await this.#fs.sizeBytes(this.pathOf(blob))) !== null;
  }

  /** Two slots may want the same file at the same time: one writes it, the other finds it. */
  async inTurn<T>({ sha256 }: Blob, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(sha256) ?? Promise.resolve();
    const mine = before.then(work);
    const ended = mine.then(noop, noop);
    this.#turns.set(sha256, ended);
    return await mine.finally(() => {
      if (this.#turns.get(sha256) === ended) this.#turns.delete(sha256);
    });
  }

  /** Checks size and digest of what arrived and makes it durable under its name. What is wrong is thrown away. */
  verify(blob: Blob): Promise<void> {
    return this.inTurn(blob, () => this.#verify(blob));
  }

  async #verify(blob: Blob): Promise<void> {
    const isHeld = await this.isHeld(blob);
    const path = isHeld ? this.pathOf(blob) : this.partOf(blob);
    const sizeBytes = (await this.#fs.sizeBytes(path)) ?? 0;
    if (sizeBytes !== blob.sizeBytes)
      await this.#reject(path, 'verify.size', `${sizeBytes} bytes, not ${blob.sizeBytes}`);
    const digest = await this.#digest(path, sizeBytes);
    if (digest !== blob.sha256) await this.#reject(path, 'verify.digest', `got ${digest}, signed was ${blob.sha256}`);
    if (isHeld) return;
    await this.#sync(path);
    await this.#fs.rename(path, this.pathOf(blob));
    await this.#fs.syncDir(this.#dir);
  }

  /** Deletes everything, also half downloads, that is not named here. Returns the number of files. */
  async prune(kept: Set<string>): Promise<number> {
    const names = (await this.#fs.list(this.#dir)).filter((name) => !kept.has(name.replace(/\.part$/, '')));
    for (const name of names) await this.#fs.unlink(join(this.#dir, name));
    return names.length;
  }

  /** What an earlier life of the agent wrote may be in the cache only: it was killed before its own fsync. */
  async #sync(path: string): Promise<void> {
    const file = await this.#fs.append(path);
    await file.sync().finally(() => file.close());
  }

  async #digest(path: string, sizeBytes: number): Promise<string> {
    const hash = createHash('sha256');
    if (sizeBytes > 0) for await (const chunk of this.#fs.chunks(path)) hash.update(chunk);
    return hash.digest('hex');
  }

  async #reject(path: string, code: 'verify.size' | 'verify.digest', detail: string): Promise<never> {
    await this.#fs.unlink(path);
    throw new ReasonError(code, detail);
  }
}
