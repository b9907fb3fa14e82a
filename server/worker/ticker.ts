import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../platform/logger.ts';

/** Runs one duty again and again: every `everyMs`, and at once when poked. A duty never overlaps itself; a failure is logged and tried again. */
export class Ticker {
  private readonly name: string;
  private readonly everyMs: number;
  private readonly duty: () => Promise<void>;
  private readonly logger: Logger;
  private isStopped = false;
  private isPoked = false;
  private sleep = new AbortController();
  private running: Promise<void> | undefined;

  constructor(name: string, everyMs: number, duty: () => Promise<void>, logger: Logger) {
    this.name = name;
    this.everyMs = everyMs;
    this.duty = duty;
    this.logger = logger;
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
    this.sleep.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      this.isPoked = false;
      try {
        await this.duty();
      } catch (error) {
        this.logger.error({ err: error, duty: this.name }, 'a duty failed; it is tried again');
      }
      if (this.isPoked || this.isStopped) continue;
      this.sleep = new AbortController();
      await delay(this.everyMs, undefined, { signal: this.sleep.signal }).catch(() => undefined);
    }
  }
}
