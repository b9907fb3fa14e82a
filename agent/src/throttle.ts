/** How long an urgent ask may wait, so that what comes in one breath is done once, and how long it must after the last act. */
export type Urgency = { withinMs: number; everyMs: number };

/** Does something at most once in an interval, however often it is asked for; the last ask is never lost. What is urgent comes sooner. */
export class Throttle {
  readonly #intervalMs: number;
  readonly #urgency: Urgency;
  readonly #act: () => void;
  #timer: NodeJS.Timeout | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(intervalMs: number, act: () => void, urgency: Urgency = { withinMs: 0, everyMs: 0 }) {
    this.#intervalMs = intervalMs;
    this.#urgency = urgency;
    this.#act = act;
  }

  ask(isUrgent: boolean): void {
    const nowMs = performance.now();
    const { withinMs, everyMs } = this.#urgency;
    const dueMs = isUrgent ? Math.max(nowMs + withinMs, this.#lastMs + everyMs) : this.#lastMs + this.#intervalMs;
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
