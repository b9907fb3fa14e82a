import { type DetectionCounts, MAX_COUNT_PER_WINDOW, type Window } from '@flotilla/protocol';

export type Labelled = NonNullable<Window['labelled']>;

/** An error that squared, and added up for each answer of a window, is still a number that the protocol takes. */
const LARGEST_ERROR = 1e45;

/** What labels said of answers within one window. */
export class LabelCounts {
  #counts = fresh();

  addClass(classes: number, actual: number, predicted: number): void {
    const counts = this.#counts;
    counts.n += 1;
    counts.classified += 1;
    counts.classes = Math.max(counts.classes, classes);
    if (actual === predicted) counts.correct += 1;
    const key = `${actual} ${predicted}`;
    counts.confusion.set(key, (counts.confusion.get(key) ?? 0) + 1);
  }

  addValue(answer: number, actual: number): void {
    const counts = this.#counts;
    const error = Math.max(-LARGEST_ERROR, Math.min(LARGEST_ERROR, answer - actual));
    counts.n += 1;
    counts.measured += 1;
    counts.absErrorSum += Math.abs(error);
    counts.sqErrorSum += error * error;
    counts.errorSum += error;
  }

  addDetection(found: DetectionCounts): void {
    const counts = this.#counts;
    counts.n += 1;
    counts.detection = counts.detection ? sumOf(counts.detection, found) : found;
  }

  take(): Labelled | undefined {
    const counts = this.#counts;
    this.#counts = fresh();
    if (counts.n === 0) return undefined;
    const { classes, correct, absErrorSum, sqErrorSum, errorSum, detection } = counts;
    return {
      n: counts.n,
      ...(counts.classified > 0 && { correct, confusion: { classes, counts: squareOf(classes, counts.confusion) } }),
      ...(counts.measured > 0 && { absErrorSum, sqErrorSum, errorSum }),
      ...(detection && { detection }),
    };
  }
}

function fresh() {
  return {
    n: 0,
    classified: 0,
    classes: 0,
    correct: 0,
    confusion: new Map<string, number>(),
    measured: 0,
    absErrorSum: 0,
    sqErrorSum: 0,
    errorSum: 0,
    detection: null as DetectionCounts | null,
  };
}

function squareOf(classes: number, confusion: Map<string, number>): number[] {
  return Array.from({ length: classes * classes }, (_, at) => {
    return confusion.get(`${Math.floor(at / classes)} ${at % classes}`) ?? 0;
  });
}

function sumOf(a: DetectionCounts, b: DetectionCounts): DetectionCounts {
  const add = (one: number[], other: number[]) =>
    Array.from({ length: Math.max(one.length, other.length) }, (_, k) =>
      Math.min(MAX_COUNT_PER_WINDOW, (one[k] ?? 0) + (other[k] ?? 0)),
    );
  return {
    truePositives: add(a.truePositives, b.truePositives),
    falsePositives: add(a.falsePositives, b.falsePositives),
    falseNegatives: add(a.falseNegatives, b.falseNegatives),
  };
}
