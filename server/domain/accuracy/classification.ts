export type ClassScore = {
  index: number;
  /** Labels of the class, and answers of it. */
  actual: number;
  predicted: number;
  /** Null where nothing was answered, or nothing labelled, as the class. */
  precision: number | null;
  recall: number | null;
  f1: number | null;
};

export type ClassificationReport = {
  n: number;
  correct: number;
  accuracy: number;
  /** Accuracy of whoever always answers the most frequent class: a model below it is of no use. */
  baseline: { index: number; accuracy: number };
  perClass: ClassScore[];
  /** Mean over the classes that were labelled, all alike, and by how often they were. */
  macroF1: number;
  weightedF1: number;
};

/** What a confusion matrix says, row-major `[actual · classes + predicted]`. Null of an empty one. */
export function classificationReport(classes: number, counts: readonly number[]): ClassificationReport | null {
  const at = (actual: number, predicted: number) => counts[actual * classes + predicted] ?? 0;
  const indexes = Array.from({ length: classes }, (_, index) => index);
  const sum = (of: (index: number) => number) => indexes.reduce((total, index) => total + of(index), 0);
  const n = counts.reduce((total, count) => total + count, 0);
  if (n === 0) return null;
  const perClass = indexes.map((index) =>
    scoreOf(
      index,
      at(index, index),
      sum((predicted) => at(index, predicted)),
      sum((actual) => at(actual, index)),
    ),
  );
  const labelled = perClass.filter(({ actual }) => actual > 0);
  const most = perClass.reduce((best, each) => (each.actual > best.actual ? each : best));
  const correct = sum((index) => at(index, index));
  return {
    n,
    correct,
    accuracy: correct / n,
    baseline: { index: most.index, accuracy: most.actual / n },
    perClass,
    macroF1: labelled.reduce((total, { f1 }) => total + (f1 ?? 0), 0) / labelled.length,
    weightedF1: labelled.reduce((total, { f1, actual }) => total + (f1 ?? 0) * actual, 0) / n,
  };
}

export type DetectionReport = {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  precision: number | null;
  recall: number | null;
  f1: number | null;
  perClass: ClassScore[];
};

/** What counts of objects found, wrongly found and missed say, one element a class. */
export function detectionReport(counts: {
  truePositives: readonly number[];
  falsePositives: readonly number[];
  falseNegatives: readonly number[];
}): DetectionReport {
  const total = (list: readonly number[]) => list.reduce((sum, count) => sum + count, 0);
  const perClass = counts.truePositives.map((hits, index) =>
    scoreOf(index, hits, hits + (counts.falseNegatives[index] ?? 0), hits + (counts.falsePositives[index] ?? 0)),
  );
  const [truePositives, falsePositives, falseNegatives] = [
    total(counts.truePositives),
    total(counts.falsePositives),
    total(counts.falseNegatives),
  ];
  const { precision, recall, f1 } = scoreOf(
    0,
    truePositives,
    truePositives + falseNegatives,
    truePositives + falsePositives,
  );
  return { truePositives, falsePositives, falseNegatives, precision, recall, f1, perClass };
}

/** `hits` may be an expected number. F1 of a class that is labelled but never answered is 0. */
export function scoreOf(index: number, hits: number, actual: number, predicted: number): ClassScore {
  const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : null);
  return {
    index,
    actual,
    predicted,
    precision: ratio(hits, predicted),
    recall: ratio(hits, actual),
    f1: ratio(2 * hits, actual + predicted),
  };
}
