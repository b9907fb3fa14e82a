import { join } from 'node:path';
import type { FileSystem, OpenFile } from '../state/file-system.ts';
import { decodeRecords, encodeRecord } from './record.ts';

/** A segment is closed beyond this size. Whole segments are deleted, so it bounds what an acknowledged spool still holds. */
const SEGMENT_BYTES = 256 * 1024;

type Segment = { firstSeq: number; count: number; sizeBytes: number };

/**
 * One numbered stream of records in append-only segment files, named by the number of their first record. A record has a
 * number for its reader only after fsync, so no number is ever used for two contents, whatever the power does.
 */
export class SpoolStream {
  readonly #fs: FileSystem;
  readonly #dir: string;
  #segments: Segment[] = [];
  #open: OpenFile | null = null;
  /** Holds what a failed write left and the disk would not let go: nothing is written behind it. */
  #torn: Segment | null = null;
  /** The segment that is being sent, as it was when it was read: it may have grown since. */
  #cache: { firstSeq: number; payloads: Uint8Array[] } | null = null;

  constructor(fs: FileSystem, dir: string) {
    this.#fs = fs;
    this.#dir = dir;
  }

  get nextSeq(): number {
    const last = this.#segments.at(-1);
    return last ? last.firstSeq + last.count : 1;
  }

  get oldestSeq(): number {
    return this.#segments[0]?.firstSeq ?? 1;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  /** Reads what is there; a torn tail, which a power loss leaves, is cut off. */
  async open(): Promise<void> {
    await this.#fs.makeDir(this.#dir);
    for (const name of (await this.#fs.list(this.#dir)).filter((each) => each.endsWith('.seg'))) {
      const firstSeq = Number.parseInt(name, 10);
      const bytes = (await this.#fs.read(join(this.#dir, name))) ?? new Uint8Array();
      const { payloads, soundBytes } = decodeRecords(bytes);
      if (soundBytes < bytes.length) await this.#cut(name, soundBytes);
      this.#segments.push({ firstSeq, count: payloads.length, sizeBytes: soundBytes });
    }
  }

  /** Appends a batch with one fsync and returns the number of its first record. Calls must not overlap. */
  async append(payloads: Uint8Array[]): Promise<number> {
    const records = Buffer.concat(payloads.map(encodeRecord));
    if (this.#torn) await this.#cutTorn(this.#torn);
    const segment = await this.#writable();
    const file = this.#open ?? (await this.#fs.append(this.#pathOf(segment)));
    this.#open = file;
    try {
      await file.write(records);
      await file.sync();
    } catch (error) {
      await this.#undo(segment);
      throw error;
    }
    const first = this.nextSeq;
    segment.count += payloads.length;
    segment.sizeBytes += records.length;
    return first;
  }

  /** One record; null when it was never written, was deleted or dropped. */
  async read(seq: number): Promise<Uint8Array | null> {
    const segment = this.#segments.find(({ firstSeq, count }) => seq >= firstSeq && seq < firstSeq + count);
    if (!segment) return null;
    const at = seq - segment.firstSeq;
    const isCached = this.#cache?.firstSeq === segment.firstSeq && at < this.#cache.payloads.length;
    if (!isCached) {
      const { payloads } = decodeRecords((await this.#fs.read(this.#pathOf(segment))) ?? new Uint8Array());
      this.#cache = { firstSeq: segment.firstSeq, payloads };
      return payloads[at] ?? null;
    }
    return this.#cache?.payloads[at] ?? null;
  }

  /** Deletes segments whose records are all at or below `seq`. The last one stays: its name keeps the numbering. */
  async deleteThrough(seq: number): Promise<void> {
    for (let first = this.#segments[0]; first && this.#segments.length > 1; first = this.#segments[0]) {
      if (first.firstSeq + first.count - 1 > seq) return;
      await this.#deleteFirst();
    }
  }

  /** Drops the oldest segment to make room and returns the records that went. */
  async dropOldest(): Promise<Uint8Array[]> {
    if (this.#segments.length <= 1) await this.#startSegment();
    const first = this.#segments[0];
    const bytes = first && (await this.#fs.read(this.#pathOf(first)));
    await this.#deleteFirst();
    return bytes ? decodeRecords(bytes).payloads : [];
  }

  async close(): Promise<void> {
    await this.#open?.close();
    this.#open = null;
  }

  async #writable(): Promise<Segment> {
    const last = this.#segments.at(-1);
    return last && last.sizeBytes < SEGMENT_BYTES ? last : this.#startSegment();
  }

  async #startSegment(): Promise<Segment> {
    await this.close();
    const segment = { firstSeq: this.nextSeq, count: 0, sizeBytes: 0 };
    const file = await this.#fs.append(this.#pathOf(segment));
    await this.#fs.syncDir(this.#dir).catch(async (error: unknown) => {
      await file.close();
      throw error;
    });
    this.#open = file;
    this.#segments.push(segment);
    return segment;
  }

  async #deleteFirst(): Promise<void> {
    const first = this.#segments.shift();
    if (!first) return;
    if (this.#cache?.firstSeq === first.firstSeq) this.#cache = null;
    await this.#fs.unlink(this.#pathOf(first));
    await this.#fs.syncDir(this.#dir);
  }

  async #undo(segment: Segment): Promise<void> {
    this.#torn = segment;
    await this.close().catch(() => {});
    await this.#cutTorn(segment).catch(() => {});
  }

  async #cutTorn(segment: Segment): Promise<void> {
    await this.#cut(nameOf(segment), segment.sizeBytes);
    this.#torn = null;
  }

  async #cut(name: string, sizeBytes: number): Promise<void> {
    await this.#fs.truncate(join(this.#dir, name), sizeBytes);
    const file = await this.#fs.append(join(this.#dir, name));
    await file.sync().finally(() => file.close());
  }

  #pathOf(segment: Segment): string {
    return join(this.#dir, nameOf(segment));
  }
}

function nameOf({ firstSeq }: Segment): string {
  return `${String(firstSeq).padStart(16, '0')}.seg`;
}
