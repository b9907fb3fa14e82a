import { dirname } from 'node:path';
import type * as z from 'zod';
import { writeAtomically } from './atomic-file.ts';
import type { FileSystem } from './file-system.ts';

/** One value of durable state in a file of its own. Saves are atomic and happen in the order they were asked for. */
export class JsonFile<T> {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #schema: z.ZodType<T>;
  #last: Promise<void> = Promise.resolve();

  constructor(fs: FileSystem, path: string, schema: z.ZodType<T>) {
    this.#fs = fs;
    this.#path = path;
    this.#schema = schema;
  }

  /** null when it was never saved. Throws when the file holds something else: that is damage no crash of ours can do. */
  async load(): Promise<T | null> {
    const bytes = await this.#fs.read(this.#path);
    if (bytes === null) return null;
    try {
      return this.#schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    } catch (cause) {
      throw new Error(`${this.#path} is damaged`, { cause });
    }
  }

  save(value: T): Promise<void> {
    const saved = this.#last.then(async () => {
      await this.#fs.makeDir(dirname(this.#path));
      await writeAtomically(this.#fs, this.#path, JSON.stringify(value));
    });
    this.#last = saved.catch(() => {});
    return saved;
  }
}
