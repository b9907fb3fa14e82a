import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../platform/logger.ts';

/** A duty that is poked all the time works about a tenth of it, and rests no longer than this for it. */
const REST_FACTOR = 9;
const MAX_REST_MS = 4_000;

/**
 * Runs one duty again and again: every `everyMs`, and at once when poked. One with a `restMs` rests so long after each run, or, where that
 * run took long, in proportion to it: a poke in that time is answered when it is over. A duty never overlaps itself; a failure is logged
 * and tried again.
 */
export class Ticker {
  private readonly name: string;
  private readonly everyMs: number;
  private readonly duty: () => Promise<void>;
  private readonly logger: Logger;
  private readonly restMs: number;
  private readonly stopping = new AbortController();
  private isStopped = false;
  private isPoked = false;
  private sleep = new AbortController();
  private running: Promise<void> | undefined;

  constructor(name: string, everyMs: number, duty: () => Promise<void>, logger: Logger, restMs = 0) {
    this.name = name;
    this.everyMs = everyMs;
    this.duty = duty;
    this.logger = logger;
    this.restMs = restMs;
  }

  start(): void {
    this.running = this.run();
  }

  poke(): void {
    this.isPoked = true;
    this.sleep.abort();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.stopping.abort();
    this.sleep.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      this.isPoked = false;
      const startedMs = performance.now();
      try {
        await this.duty();
      } catch (error) {
        this.logger.error({ err: error, duty: this.name }, 'a duty failed; it is tried again');
      }
      const endedMs = performance.now();
      const tookMs = endedMs - startedMs;
      const restMs = this.restMs && Math.max(this.restMs, Math.min(MAX_REST_MS, REST_FACTOR * tookMs));
      await this.sleepUntilPoked(Math.max(this.everyMs, restMs));
      if (this.isPoked) await this.rest(endedMs + restMs - performance.now());
    }
  }

  private async sleepUntilPoked(forMs: number): Promise<void> {
    if (this.isPoked || this.isStopped) return;
    this.sleep = new AbortController();
    await delay(forMs, undefined, { signal: this.sleep.signal }).catch(() => undefined);
  }

  private async rest(forMs: number): Promise<void> {
    if (forMs > 0) await delay(forMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
