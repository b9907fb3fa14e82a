import type { IncomingMessage } from 'node:http';
import { STALL_TIMEOUT_MS } from '../connection/http.ts';
import { delay } from '../delay.ts';

/** What a download may be behind its pace at most: after a stall it does not make up for lost time by a burst. */
const MAX_CREDIT_MS = 1_000;

/** Keeps a download at `maxBytesPerS` by not reading on: the sender is held back by TCP. Without a limit it never waits. */
export class Pace {
  readonly #maxBytesPerS: number;
  /** When what was read so far would have arrived at the allowed rate. */
  #dueMs = performance.now();
  #isHolding = false;
  #lastHeldMs = Number.NEGATIVE_INFINITY;

  constructor(maxBytesPerS = Number.POSITIVE_INFINITY) {
    this.#maxBytesPerS = maxBytesPerS;
  }

  /** Whether the sender had to wait for us at any time from `sinceMs` (of `performance.now()`) on. */
  hasHeldSince(sinceMs: number): boolean {
    return this.#isHolding || this.#lastHeldMs >= sinceMs;
  }

  /** To be awaited after every chunk. Rejects never; returns early when `signal` aborts. */
  async after(bytes: number, response: IncomingMessage, signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    this.#dueMs = Math.max(this.#dueMs, nowMs - MAX_CREDIT_MS) + (bytes / this.#maxBytesPerS) * 1_000;
    const waitMs = this.#dueMs - nowMs;
    if (waitMs < 1) return;
    this.#isHolding = true;
    // The socket rests because we let it, which is no sign of a dead connection.
    response.socket?.setTimeout(0);
    await delay(waitMs, signal);
    response.socket?.setTimeout(STALL_TIMEOUT_MS);
    this.#isHolding = false;
    this.#lastHeldMs = performance.now();
  }
}
