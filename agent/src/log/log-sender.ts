import { type LogBatch, MAX_LOG_LINES, MAX_MESSAGE_BYTES } from '@flotilla/protocol';
import type { LogEntry } from '../logger.ts';

/** Lines go together this often. */
const BATCH_EVERY_MS = 1_000;

/** Lines sent within {@link PERIOD_MS} at most; those beyond are counted and stay in the file. */
const MAX_LINES_PER_PERIOD = 300;
const PERIOD_MS = 60_000;

/** Lines that wait for a connection; the newest are kept. */
const MAX_WAITING = 200;

const MAX_MESSAGE_LENGTH = 2_000;

/** Room for the head of a batch. */
const MAX_BATCH_BYTES = MAX_MESSAGE_BYTES - 512;

type Line = LogBatch['lines'][number];

/** Sends the log to the server in batches, as fast as is good for both. What it holds back, it counts. */
export class LogSender {
  readonly #ports: { publish: (payload: string) => void; isConnected: () => boolean; now: () => number };
  #waiting: Line[] = [];
  #suppressed = 0;
  #period = { startMs: 0, lines: 0 };
  #timer: NodeJS.Timeout | null = null;

  constructor(ports: { publish: (payload: string) => void; isConnected: () => boolean; now: () => number }) {
    this.#ports = ports;
  }

  add({ at, level, message, fields }: LogEntry): void {
    const extra = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
    this.#waiting.push({ at, level, message: `${message}${extra}`.slice(0, MAX_MESSAGE_LENGTH) });
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.#suppressed += 1;
    }
    this.#later();
  }

  connected(): void {
    this.#later();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  #later(): void {
    if (this.#timer || this.#waiting.length === 0 || !this.#ports.isConnected()) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#send();
      this.#later();
    }, BATCH_EVERY_MS);
    this.#timer.unref();
  }

  #send(): void {
    if (!this.#ports.isConnected()) return;
    const nowMs = this.#ports.now();
    if (Math.abs(nowMs - this.#period.startMs) >= PERIOD_MS) this.#period = { startMs: nowMs, lines: 0 };
    const allowed = Math.min(MAX_LOG_LINES, MAX_LINES_PER_PERIOD - this.#period.lines);
    const lines = this.#takeLines(allowed);
    if (allowed <= 0) this.#suppressed += this.#waiting.splice(0).length;
    if (lines.length === 0) return;
    this.#period.lines += lines.length;
    const batch: LogBatch = { lines, ...(this.#suppressed > 0 && { suppressed: this.#suppressed }) };
    this.#suppressed = 0;
    this.#ports.publish(JSON.stringify(batch));
  }

  #takeLines(count: number): Line[] {
    let roomBytes = MAX_BATCH_BYTES;
    const lines: Line[] = [];
    for (const line of this.#waiting.slice(0, Math.max(0, count))) {
      roomBytes -= Buffer.byteLength(JSON.stringify(line)) + 1;
      if (roomBytes < 0 && lines.length > 0) break;
      lines.push(line);
    }
    this.#waiting.splice(0, lines.length);
    return lines;
  }
}
