import type { Calibration } from '@flotilla/protocol';
import { type Curve, curveAt, isotonic } from './isotonic.ts';

/** One answer to calibrate by: the probability of each class, and the class that was right. */
export type ProbabilityRow = { probabilities: number[]; label: number };

/** Rows below which no calibration is made. */
export const MIN_CALIBRATION_ROWS = 200;

const FOLDS = 5;
const BINS = 10;
const MAX_POINTS = 64;

/** Answers that must be right, and wrong, for a class to have a curve of its own. */
const MIN_OF_CLASS = 50;

export type CalibrationResult = {
  /** Null when it would not lower the error. */
  calibration: Calibration | null;
  /** Expected calibration error of the probabilities as they are, and of the calibrated ones on rows that they were not made from. */
  rawError: number;
  calibratedError: number;
};

/** Isotonic regression of each class's probability, kept only when it lowers the expected calibration error in cross-validation. */
export function calibrate(rows: readonly ProbabilityRow[], classes: number): CalibrationResult {
  const folds = rows.map((_, at) => at % FOLDS);
  const calibrated = rows.map((row) => row.probabilities);
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const curves = fitCurves(
      rows.filter((_, at) => folds[at] !== fold),
      classes,
    );
    for (const [at, row] of rows.entries())
      if (folds[at] === fold) calibrated[at] = applyCurves(curves, row.probabilities);
  }
  const labels = rows.map(({ label }) => label);
  const rawError = calibrationError(
    rows.map(({ probabilities }) => probabilities),
    labels,
  );
  const calibratedError = calibrationError(calibrated, labels);
  const isBetter = rows.length >= MIN_CALIBRATION_ROWS && calibratedError < rawError;
  return { calibration: isBetter ? { classes, curves: fitCurves(rows, classes) } : null, rawError, calibratedError };
}

/** Calibrated probabilities that add up to 1. */
export function applyCurves(curves: readonly Curve[], probabilities: readonly number[]): number[] {
  const values = probabilities.map((probability, k) =>
    curveAt((curves.length === 1 ? curves[0] : curves[k]) ?? { x: [], y: [] }, probability),
  );
  const sum = values.reduce((total, value) => total + value, 0);
  return sum > 0 ? values.map((value) => value / sum) : [...probabilities];
}

/** Expected calibration error of the answer's probability: ten bins of equally many answers, |share right − mean probability| of each. */
export function calibrationError(probabilities: readonly (readonly number[])[], labels: readonly number[]): number {
  const answers = probabilities
    .map((row, at) => {
      const answer = row.indexOf(Math.max(...row));
      return { confidence: row[answer] ?? 0, isRight: answer === labels[at] ? 1 : 0 };
    })
    .sort((a, b) => a.confidence - b.confidence);
  let error = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    const part = answers.slice(
      Math.floor((bin * answers.length) / BINS),
      Math.floor(((bin + 1) * answers.length) / BINS),
    );
    const gap = part.reduce((sum, { confidence, isRight }) => sum + isRight - confidence, 0);
    error += Math.abs(gap) / answers.length;
  }
  return error;
}

/** One curve a class where each has enough of both outcomes, else one for all. */
function fitCurves(rows: readonly ProbabilityRow[], classes: number): Curve[] {
  const pointsOf = (k: number) =>
    rows.map(({ probabilities, label }) => ({ x: probabilities[k] ?? 0, y: label === k ? 1 : 0 }));
  const each = Array.from({ length: classes }, (_, k) => pointsOf(k));
  const isRich = each.every((points) => {
    const right = points.filter(({ y }) => y === 1).length;
    return right >= MIN_OF_CLASS && points.length - right >= MIN_OF_CLASS;
  });
  return (isRich ? each : [each.flat()]).map((points) => isotonic(points, MAX_POINTS));
}
