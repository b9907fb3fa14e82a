import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Count, type DeviceEvent, type Telemetry, Uuid, type Window } from '@flotilla/protocol';
import * as z from 'zod';
import type { FileSystem } from '../state/file-system.ts';
import { JsonFile } from '../state/json-file.ts';
import { SpoolStream } from './stream.ts';

/** Room for both streams. An hour offline at the default window is about 0.5 MiB, so this is more than five days. */
export const SPOOL_MAX_BYTES = 64 * 1024 * 1024;

/** How far back an event is looked for after a crash: far more than what can be told within one step of a slot. */
const RECENT_EVENTS = 64;

const Life = z.object({ boot: Uuid, droppedWindows: Count, droppedEvents: Count });
type Life = z.infer<typeof Life>;

export const spoolKinds = ['events', 'telemetry'] as const;
export type SpoolKind = (typeof spoolKinds)[number];

/** What a caller gives; boot, numbers and the send time are the spool's. */
export type EventDraft = Omit<DeviceEvent, 'boot' | 'seq' | 'oldestSeq'>;

type Pending = { kind: SpoolKind; payload: Uint8Array; resolve(seq: number): void; reject(error: unknown): void };

/** Keeps events and telemetry on disk, bounded, until the server has committed them. */
export class Spool {
  readonly #fs: FileSystem;
  readonly #life: JsonFile<Life>;
  readonly #maxBytes: number;
  readonly #streams: Record<SpoolKind, SpoolStream>;
  readonly #dir: string;
  #state: Life = { boot: '', droppedWindows: 0, droppedEvents: 0 };
  #pending: Pending[] = [];
  #working: Promise<void> | null = null;

  constructor(fs: FileSystem, dir: string, maxBytes = SPOOL_MAX_BYTES) {
    this.#fs = fs;
    this.#dir = dir;
    this.#maxBytes = maxBytes;
    this.#life = new JsonFile(fs, join(dir, 'life.json'), Life);
    this.#streams = {
      events: new SpoolStream(fs, join(dir, 'events')),
      telemetry: new SpoolStream(fs, join(dir, 'telemetry')),
    };
  }

  /** `newId` names a new life when there is none here, or when what is here is damaged: numbers then start again. */
  async open(newId: () => string): Promise<void> {
    const found = await this.#life.load().catch(() => null);
    if (!found) {
      for (const kind of spoolKinds) await this.#fs.removeTree(join(this.#dir, kind));
      await this.#life.save({ boot: newId(), droppedWindows: 0, droppedEvents: 0 });
    }
    this.#state = (await this.#life.load()) ?? this.#state;
    for (const kind of spoolKinds) await this.#streams[kind].open();
  }

  get boot(): string {
    return this.#state.boot;
  }

  get droppedEvents(): number {
    return this.#state.droppedEvents;
  }

  nextSeq(kind: SpoolKind): number {
    return this.#streams[kind].nextSeq;
  }

  oldestSeq(kind: SpoolKind): number {
    return this.#streams[kind].oldestSeq;
  }

  get sizeBytes(): number {
    return spoolKinds.reduce((sum, kind) => sum + this.#streams[kind].sizeBytes, 0);
  }

  /** Resolves with the event's number once it is on disk. */
  addEvent(event: EventDraft): Promise<number> {
    return this.#add('events', event);
  }

  addWindows(windows: Window[]): Promise<number> {
    return this.#add('telemetry', { windows });
  }

  /** Is this very event among the newest on disk? A crash may have come between it and the note that it is there. */
  async hasRecentEvent(event: EventDraft): Promise<boolean> {
    const asWritten = JSON.parse(JSON.stringify(event));
    const newest = this.nextSeq('events') - 1;
    for (let seq = newest; seq > newest - RECENT_EVENTS && seq >= this.oldestSeq('events'); seq--) {
      const payload = await this.#streams.events.read(seq);
      if (payload && isDeepStrictEqual(JSON.parse(Buffer.from(payload).toString('utf8')), asWritten)) return true;
    }
    return false;
  }

  /** The message to send for one number; null when it is gone. */
  async message(kind: SpoolKind, seq: number, now: number): Promise<DeviceEvent | Telemetry | null> {
    const payload = await this.#streams[kind].read(seq);
    if (!payload) return null;
    const content = JSON.parse(Buffer.from(payload).toString('utf8'));
    const head = { boot: this.boot, seq, oldestSeq: this.oldestSeq(kind) };
    if (kind === 'events') return { ...content, ...head };
    const dropped = this.#state.droppedWindows;
    return { ...head, sentAt: now, ...(dropped > 0 && { dropped }), ...content };
  }

  /** Frees what the server has committed. */
  async acknowledge(kind: SpoolKind, seq: number): Promise<void> {
    await this.#serially(() => this.#streams[kind].deleteThrough(seq));
  }

  async close(): Promise<void> {
    await this.#serially(async () => {
      for (const kind of spoolKinds) await this.#streams[kind].close();
    });
  }

  #add(kind: SpoolKind, content: unknown): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ kind, payload: Buffer.from(JSON.stringify(content)), resolve, reject });
      this.#serially(() => this.#flush()).catch(reject);
    });
  }

  /** Everything that waits goes in with one fsync a stream. */
  async #flush(): Promise<void> {
    const batch = this.#pending;
    this.#pending = [];
    for (const kind of spoolKinds) {
      const mine = batch.filter((each) => each.kind === kind);
      if (mine.length === 0) continue;
      try {
        await this.#makeRoom(mine.reduce((sum, each) => sum + each.payload.length, 0));
        const first = await this.#streams[kind].append(mine.map((each) => each.payload));
        for (const [index, each] of mine.entries()) each.resolve(first + index);
      } catch (error) {
        for (const each of mine) each.reject(error);
      }
    }
  }

  /** Telemetry goes first; events only when there is no telemetry left. */
  async #makeRoom(neededBytes: number): Promise<void> {
    while (this.sizeBytes > 0 && this.sizeBytes + neededBytes > this.#maxBytes) {
      const kind = this.#streams.telemetry.sizeBytes > 0 ? 'telemetry' : 'events';
      const gone = await this.#streams[kind].dropOldest();
      if (kind === 'events') this.#state.droppedEvents += gone.length;
      else for (const payload of gone) this.#state.droppedWindows += windowsIn(payload);
      await this.#life.save(this.#state);
    }
  }

  #serially(work: () => Promise<void>): Promise<void> {
    const done = (this.#working ?? Promise.resolve()).then(work);
    this.#working = done.catch(() => {});
    return done;
  }
}

function windowsIn(payload: Uint8Array): number {
  const { windows } = JSON.parse(Buffer.from(payload).toString('utf8'));
  return Array.isArray(windows) ? windows.length : 0;
}
