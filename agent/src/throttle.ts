/** Does something at most once in an interval, however often it is asked for; the last ask is never lost. */
export class Throttle {
  readonly #intervalMs: number;
  readonly #act: () => void;
  #timer: NodeJS.Timeout | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(intervalMs: number, act: () => void) {
    this.#intervalMs = intervalMs;
    this.#act = act;
  }

  /** `isUrgent`: now, whatever was done just before. */
  ask(isUrgent: boolean): void {
    const waitMs = this.#lastMs + this.#intervalMs - performance.now();
    if (isUrgent || waitMs <= 0) this.#do();
    else this.#timer ??= setTimeout(() => this.#do(), waitMs);
  }

  cancel(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #do(): void {
    this.cancel();
    this.#lastMs = performance.now();
    this.#act();
  }
}
