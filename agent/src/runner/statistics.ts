import { addToSketch, emptySketch, quantileOf, sketchToWire } from '@flotilla/protocol';
import type { Answer } from './classification.ts';
import type { RunnerTotals, RunnerWindow } from './contract.ts';

/** Bins of the top probability: [0, 0.05), … [0.95, 1]. */
const CONFIDENCE_BINS = 20;

/** Different error codes one window names; the rest are counted as `other`. */
const MAX_ERROR_CODES = 16;

/** `queueMs` is absent where nobody can see the queue. */
type Timing = { queueMs?: number; runMs: number; totalMs: number };
type Usage = { rssBytes: number; cpuMs: number; nowMs: number };

/** Counts what happens between two windows. */
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

  /** `classification` has one answer a sample; `label` is the true class of a single sample. */
  addRun(timing: Timing, classification: { classes: number; answers: Answer[] } | null, label?: number): void {
    const counts = this.#counts;
    counts.inferences += 1;
    this.#life.inferences += 1;
    addToSketch(this.#life.total, timing.totalMs);
    addToSketch(counts.run, timing.runMs);
    addToSketch(counts.total, timing.totalMs);
    if (timing.queueMs !== undefined) addToSketch(counts.queue, timing.queueMs);
    if (!classification) return;
    const { classes, answers } = classification;
    for (const answer of answers) this.#addAnswer(classes, answer);
    const [only] = answers;
    if (label === undefined || answers.length !== 1 || !only || label < 0 || label >= classes) return;
    counts.labelled += 1;
    if (only.predicted === label) counts.correct += 1;
    bump(counts.confusion, label * classes + only.predicted);
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
  take(usage: Usage): RunnerWindow {
    const counts = this.#counts;
    const since = this.#since;
    this.#counts = freshCounts();
    this.#since = usage;
    const { classes, samples } = counts;
    const square = Array.from({ length: classes * classes }, (_, index) => counts.confusion.get(index) ?? 0);
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
      ...(samples > 0 && {
        outputs: {
          classCounts: Array.from({ length: classes }, (_, index) => counts.classCounts.get(index) ?? 0),
          confidence: counts.confidence,
          meanEntropy: counts.entropySum / samples,
        },
      }),
      ...(counts.labelled > 0 && {
        labelled: { n: counts.labelled, correct: counts.correct, confusion: { classes, counts: square } },
      }),
    };
  }

  #addAnswer(classes: number, answer: Answer): void {
    const counts = this.#counts;
    counts.classes = classes;
    counts.samples += 1;
    counts.entropySum += answer.entropy;
    bump(counts.classCounts, answer.predicted);
    const bin = Math.min(CONFIDENCE_BINS - 1, Math.floor(answer.confidence * CONFIDENCE_BINS));
    counts.confidence[bin] = (counts.confidence[bin] ?? 0) + 1;
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
    classes: 0,
    samples: 0,
    classCounts: new Map<number, number>(),
    confidence: Array.from({ length: CONFIDENCE_BINS }, () => 0),
    entropySum: 0,
    labelled: 0,
    correct: 0,
    confusion: new Map<number, number>(),
  };
}

function bump(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
