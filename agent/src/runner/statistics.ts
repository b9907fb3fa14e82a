import { addToSketch, emptySketch, quantileOf, sketchToWire } from '@flotilla/protocol';
import type { RunnerTotals, RunnerWindow } from './contract.ts';
import type { MonitorWindow } from './monitor/monitor.ts';

/** Different error codes one window names; the rest are counted as `other`. */
const MAX_ERROR_CODES = 16;

/** `queueMs` is absent where nobody can see the queue. */
type Timing = { queueMs?: number; runMs: number; totalMs: number };
type Usage = { rssBytes: number; cpuMs: number; nowMs: number };

/** Counts runs and errors between two windows. */
export class RunnerStatistics {
  readonly #life = { inferences: 0, failures: 0, total: emptySketch() };
  #since: { cpuMs: number; nowMs: number };
  #counts = freshCounts();

  constructor(usage: Usage) {
    this.#since = usage;
  }

  get totals(): RunnerTotals {
    const { inferences, failures, total } = this.#life;
    const latencyP95Ms = quantileOf(total, 0.95);
    return { inferences, failures, ...(latencyP95Ms !== null && { latencyP95Ms }) };
  }

  addRun(timing: Timing): void {
    const counts = this.#counts;
    counts.inferences += 1;
    this.#life.inferences += 1;
    addToSketch(this.#life.total, timing.totalMs);
    addToSketch(counts.run, timing.runMs);
    addToSketch(counts.total, timing.totalMs);
    if (timing.queueMs !== undefined) addToSketch(counts.queue, timing.queueMs);
  }

  /** `isOwn`: the runner's failure, and not a wrong request. */
  addError(code: string, isOwn: boolean): void {
    if (isOwn) this.#life.failures += 1;
    const { errorCodes } = this.#counts;
    const named = errorCodes.has(code) || errorCodes.size < MAX_ERROR_CODES ? code : 'other';
    errorCodes.set(named, (errorCodes.get(named) ?? 0) + 1);
    this.#counts.errors += 1;
  }

  /** Hands over what was counted and starts again. */
  take(usage: Usage): Omit<RunnerWindow, keyof MonitorWindow> {
    const counts = this.#counts;
    const since = this.#since;
    this.#counts = freshCounts();
    this.#since = usage;
    return {
      durationMs: usage.nowMs - since.nowMs,
      inferences: counts.inferences,
      errors: counts.errors,
      errorCodes: Object.fromEntries(counts.errorCodes),
      run: sketchToWire(counts.run),
      total: sketchToWire(counts.total),
      queue: sketchToWire(counts.queue),
      rssBytes: usage.rssBytes,
      cpuMs: usage.cpuMs - since.cpuMs,
    };
  }
}

function freshCounts() {
  return {
    inferences: 0,
    errors: 0,
    errorCodes: new Map<string, number>(),
    run: emptySketch(),
    total: emptySketch(),
    queue: emptySketch(),
  };
}
