import { Reply, Uuid } from '@flotilla/protocol';
import * as z from 'zod';
import type { JsonFile } from '../state/json-file.ts';

/** Commands remembered; the server stops sending one again long before so many newer ones came. */
const MAX_ENTRIES = 256;

const Entry = z.object({ id: Uuid, reply: Reply.nullable() });
type Entry = z.infer<typeof Entry>;
export const CommandEntries = z.array(Entry).max(MAX_ENTRIES);

/**
 * Remembers on disk which commands were taken and how they ended, so that each is carried out once and answered as often
 * as it is sent. Calls must not overlap for one id.
 */
export class CommandLog {
  readonly #file: JsonFile<Entry[]>;
  readonly #taken = new Set<string>();
  #entries: Entry[];

  constructor(file: JsonFile<Entry[]>, entries: Entry[]) {
    this.#file = file;
    this.#entries = entries;
  }

  /** How a command that was taken stands; null for one that never was. */
  find(id: string): Reply | null {
    const known = this.#entries.find((each) => each.id === id);
    return known ? (known.reply ?? this.#unfinished(id)) : null;
  }

  /** null the first time: carry it out. Otherwise the answer to give. Rejects, and forgets it, when it cannot be written down. */
  async take(id: string): Promise<Reply | null> {
    const known = this.find(id);
    if (known) return known;
    this.#taken.add(id);
    await this.#write([...this.#entries, { id, reply: null }]).catch((error: unknown) => {
      this.#taken.delete(id);
      this.#entries = this.#entries.filter((each) => each.id !== id);
      throw error;
    });
    return null;
  }

  async finish(reply: Reply): Promise<void> {
    this.#taken.delete(reply.id);
    await this.#write(this.#entries.map((each) => (each.id === reply.id ? { ...each, reply } : each)));
  }

  /** Under way, or cut by the end of an earlier agent: then it is not known how far it came. */
  #unfinished(id: string): Reply {
    if (this.#taken.has(id)) return { id, status: 'running' };
    const reason = { code: 'agent.restarted', detail: 'the agent ended while it ran', retry: 'never' as const };
    return { id, status: 'failed', reason };
  }

  async #write(entries: Entry[]): Promise<void> {
    this.#entries = entries.slice(-MAX_ENTRIES);
    await this.#file.save(this.#entries);
  }
}
