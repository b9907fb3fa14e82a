import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../db/client.ts';
import type { Logger } from '../platform/logger.ts';
import { countRefused } from '../services/devices/count-refused.ts';

/** Refusals are gathered for so long, so that a flood from a device becomes a few writes. */
const FLUSH_MS = 1_000;

/** Different (device, kind, code) kept between two flushes; more are only logged. */
const MAX_KEYS = 1_000;

export type Refused = { organizationId: string; deviceId: string; kind: string; code: string; detail: string };

/** Gathers refused messages and writes their counts once a second; what could not be written is tried again. */
export class RefusalCounter {
  private readonly deps: { db: Db; now: () => Date };
  private readonly logger: Logger;
  private readonly pending = new Map<string, Refused & { count: number }>();
  private readonly stopped = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(db: Db, now: () => Date, logger: Logger) {
    this.deps = { db, now };
    this.logger = logger;
  }

  start(): void {
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
    await this.flush();
  }

  count(refused: Refused): void {
    const key = `${refused.deviceId} ${refused.kind} ${refused.code}`;
    const present = this.pending.get(key);
    if (!present && this.pending.size >= MAX_KEYS) {
      this.logger.warn(refused, 'refused a message; too many different ones to count');
      return;
    }
    this.pending.set(key, { ...refused, count: (present?.count ?? 0) + 1 });
  }

  private async loop(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await delay(FLUSH_MS, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      await this.flush();
    }
  }

  private async flush(): Promise<void> {
    for (const [key, refused] of [...this.pending]) {
      this.pending.delete(key);
      try {
        await countRefused(this.deps, refused.organizationId, refused);
      } catch (error) {
        this.logger.warn({ err: error }, 'cannot count refused messages now');
        const since = this.pending.get(key);
        this.pending.set(key, { ...refused, count: refused.count + (since?.count ?? 0) });
        return;
      }
    }
  }
}
