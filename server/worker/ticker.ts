import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../platform/logger.ts';

/** A duty that is poked all the time works about a tenth of it, and rests no longer than this for it. */
const REST_FACTOR = 9;
const MAX_REST_MS = 3_000;

/**
 * Runs one duty again and again: every `everyMs`, and when poked: at once after a sleep, and behind another run after a rest: `restMs`, or,
 * where that run took long, in proportion to it. A duty never overlaps itself; a failure is logged and
 * tried again.
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
      const tookMs = performance.now() - startedMs;
      const restMs = Math.max(this.restMs, Math.min(MAX_REST_MS, REST_FACTOR * tookMs));
      if (this.isPoked && this.restMs > 0)
        await delay(restMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.isPoked || this.isStopped) continue;
      this.sleep = new AbortController();
      await delay(this.everyMs, undefined, { signal: this.sleep.signal }).catch(() => undefined);
    }
  }
}
