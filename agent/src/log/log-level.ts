import type { Logger, LogLevel } from '../logger.ts';

/** The level that the desired state sets, and one that a command sets over it for a bounded time. */
export class LogLevels {
  readonly #logger: Pick<Logger, 'setLevel'>;
  #desired: LogLevel = 'info';
  #override: { level: LogLevel; timer: NodeJS.Timeout } | null = null;

  constructor(logger: Pick<Logger, 'setLevel'>) {
    this.#logger = logger;
  }

  desire(level: LogLevel): void {
    this.#desired = level;
    if (!this.#override) this.#logger.setLevel(level);
  }

  override(level: LogLevel, durationMs: number): void {
    if (this.#override) clearTimeout(this.#override.timer);
    const timer = setTimeout(() => {
      this.#override = null;
      this.#logger.setLevel(this.#desired);
    }, durationMs);
    timer.unref();
    this.#override = { level, timer };
    this.#logger.setLevel(level);
  }
}
