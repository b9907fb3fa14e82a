/** How long an ask may wait, so that what comes in one breath is done once, and how long it must after the last act. */
export type Urgency = { withinMs: number; everyMs: number };

/**
 * Does something less often than it is asked for; the last ask is never lost, and none waits longer than its own urgency says. An act that
 * returns false was none: the next waits for nothing.
 */
export class Throttle {
  readonly #act: () => unknown;
  #timer: NodeJS.Timeout | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(act: () => unknown) {
    this.#act = act;
  }

  ask({ withinMs, everyMs }: Urgency): void {
    const nowMs = performance.now();
    const dueMs = Math.max(nowMs + withinMs, this.#lastMs + everyMs);
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
    const lastMs = this.#lastMs;
    this.#lastMs = performance.now();
    if (this.#act() === false) this.#lastMs = lastMs;
  }
}
