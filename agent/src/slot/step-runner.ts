import { type ReasonError, reasonErrorOf } from '../reason-error.ts';
import type { Progress } from './report.ts';

/** A wait is looked at this often, because the device's clock may be set while it lasts. */
const LONGEST_TIMER_MS = 60_000;

/** Why a step's work ends: one for all, because making an error costs more than the step of a release that is here already. */
const GIVEN_UP = new Error('the step was given up');

/**
 * How a step ended. The failure of one that was given up is not said; what was done in spite of it is, so callers number their steps and pass
 * over the old ones.
 */
type Ends<Result> = { done: (result: Result) => unknown; failed: (error: ReasonError) => unknown };

/** The one step that a machine has under way, how far it is, and the wait for the next. A new step gives up the one before. */
export class StepRunner<Result> {
  readonly #now: () => number;
  readonly #onProgress: () => void;
  progress: Progress | null = null;
  #step = new AbortController();
  #working: Promise<unknown> = Promise.resolve();
  #wake: NodeJS.Timeout | null = null;

  constructor(now: () => number, onProgress: () => void) {
    this.#now = now;
    this.#onProgress = onProgress;
  }

  /** Work that was given up ends first, so that two never touch the same files or runners. */
  start(
    work: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<Result>,
    { done, failed }: Ends<Result>,
  ): void {
    const { signal } = this.cancel();
    const onProgress = (progress: Progress) => {
      if (signal.aborted) return;
      this.progress = progress;
      this.#onProgress();
    };
    const working = this.#working.then(() => {
      signal.throwIfAborted();
      return work(signal, onProgress);
    });
    this.#working = working.catch(() => {});
    working.then(done, (error: unknown) => {
      if (!signal.aborted) return failed(reasonErrorOf(error));
    });
  }

  /** Waits for something outside instead of working. */
  wait(whenReady: (signal: AbortSignal) => Promise<void>, then: () => unknown): void {
    const { signal } = this.cancel();
    void whenReady(signal).then(() => {
      if (!signal.aborted) return then();
    });
  }

  cancel(): AbortController {
    this.#step.abort(GIVEN_UP);
    this.#step = new AbortController();
    return this.#step;
  }

  /** Calls back when it is `at`, and now and then before. */
  wakeAt(at: number, then: () => unknown): void {
    if (this.#wake) clearTimeout(this.#wake);
    const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(0, at - this.#now()));
    this.#wake = setTimeout(() => {
      if (this.#now() < at) this.wakeAt(at, then);
      then();
    }, waitMs);
  }

  stop(): void {
    this.#step.abort();
    if (this.#wake) clearTimeout(this.#wake);
  }
}
