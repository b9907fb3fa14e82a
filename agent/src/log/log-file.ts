import { mkdirSync } from 'node:fs';
import { appendFile, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogEntry, lineOf } from '../logger.ts';

/** Each of the two files; the older one goes when the newer is full. */
const MAX_FILE_BYTES = 256 * 1024;

/** Lines that wait for the disk at most. */
const MAX_WAITING = 1_000;

/**
 * The newest lines of the log, on disk, so that a diagnosis has those of the last life too. Not synced: a line is worth no wear of the disk,
 * and one that the disk does not take is lost.
 */
export class LogFile {
  readonly #dir: string;
  #waiting: string[] = [];
  #writing: Promise<void> | null = null;
  #sizeBytes: number | null = null;
  #isClosed = false;

  constructor(dir: string) {
    this.#dir = dir;
  }

  add(entry: LogEntry): void {
    if (this.#isClosed) return;
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(lineOf(entry));
    this.#writing ??= this.#write()
      .catch(() => {})
      .finally(() => {
        this.#writing = null;
      });
  }

  /** Takes no more lines; resolves when those before are written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
  }

  /** What is there, oldest first. */
  async read(): Promise<string> {
    await this.#writing;
    const parts = [this.#older, this.#newer].map((path) => readFile(path, 'utf8').catch(() => ''));
    return (await Promise.all(parts)).join('');
  }

  get #newer(): string {
    return join(this.#dir, 'agent.log');
  }

  get #older(): string {
    return join(this.#dir, 'agent.1.log');
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.splice(0).join('');
      if (this.#sizeBytes === null) {
        mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
        this.#sizeBytes = await stat(this.#newer).then(
          ({ size }) => size,
          () => 0,
        );
      }
      if (this.#sizeBytes + text.length > MAX_FILE_BYTES && this.#sizeBytes > 0) {
        await rename(this.#newer, this.#older);
        this.#sizeBytes = 0;
      }
      await appendFile(this.#newer, text, { mode: 0o600 });
      this.#sizeBytes += Buffer.byteLength(text);
    }
  }
}
