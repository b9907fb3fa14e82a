/**
 * Does something at most once in an interval, however often it is asked for; the last ask is never lost. What is urgent waits no longer
 * than `urgentMs`, so that what comes in one breath is done once.
 */
export class Throttle {
  readonly #intervalMs: number;
  readonly #urgentMs: number;
  readonly #act: () => void;
  #timer: NodeJS.Timeout | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(intervalMs: number, act: () => void, urgentMs = 0) {
    this.#intervalMs = intervalMs;
    this.#urgentMs = urgentMs;
    this.#act = act;
  }

  /** `isUrgent`: at once, or within `urgentMs`, whatever was done just before. */
  ask(isUrgent: boolean): void {
    const nowMs = performance.now();
    const dueMs = isUrgent ? nowMs + this.#urgentMs : this.#lastMs + this.#intervalMs;
    if (dueMs <= nowMs) this.#do();
    else if (dueMs < this.#dueMs) {
      this.cancel();
      this.#dueMs = dueMs;
      this.#timer = setTimeout(() => this.#do(), dueMs - nowMs);
    }
  }

  cancel(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  #do(): void {
    this.cancel();
    this.#lastMs = performance.now();
    this.#act();
  }
}
