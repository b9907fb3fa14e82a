import { CONFIDENCE_BINS } from '@flotilla/protocol';
import type { HourSums } from '../drift/hour-sums.ts';
import {
  type ClassificationReport,
  classificationReport,
  type DetectionReport,
  detectionReport,
} from './classification.ts';
import { FEW_LABELS, type Stratum, weightedShare, wilson } from './interval.ts';
import { type RegressionReport, regressionReport } from './regression.ts';

/** Predictions by what was answered and what was right; -1 where there is no class, or no label. */
export type LabelCell = {
  isUnsure: boolean;
  predicted: number;
  actual: number;
  n: number;
  absErrorSum: number;
  sqErrorSum: number;
  errorSum: number;
};

export type Measured = {
  /** Answers that were labelled with a class: by the device, and later; of those that were reported to wait for a label. */
  onDevice: { n: number; correct: number };
  late: { n: number; correct: number; reported: number; coverage: number | null };
  /** Over all answers, unsure ones weighed by how many there are; null without any label. */
  accuracy: { share: number; low: number; high: number; n: number; isFew: boolean; isWeighted: boolean } | null;
  confusion: { classes: number; counts: number[] } | null;
  classification: ClassificationReport | null;
  regression: RegressionReport | null;
  detection: DetectionReport | null;
};

/** What labels say of a time, from wherever they came. `unsureBelow` tells which answers were reported more often than by chance. */
export function measuredOf(sums: HourSums, cells: readonly LabelCell[], unsureBelow: number | null): Measured {
  const { labelled } = sums;
  const classified = cells.filter(({ predicted }) => predicted >= 0);
  const told = classified.filter(({ actual }) => actual >= 0);
  const reported = total(cells);
  const lateAll = total(cells.filter(({ actual }) => actual >= 0));
  const onDevice = labelled && !labelled.detection ? withClasses(labelled) : { n: 0, correct: 0 };
  const { strata, isWeighted } = strataOf(sums.confidence, told, unsureBelow);
  const confusion = confusionOf(labelled?.confusion, told);
  return {
    onDevice,
    late: {
      n: lateAll,
      correct: total(told.filter(isRight)),
      reported,
      coverage: reported > 0 ? lateAll / reported : null,
    },
    accuracy: accuracyOf(onDevice, strata, isWeighted),
    confusion,
    classification: confusion && classificationReport(confusion.classes, confusion.counts),
    regression: regressionOf(labelled, cells),
    detection: labelled?.detection ? detectionReport(labelled.detection) : null,
  };
}

/** Labels that came later, as if so many answers had been drawn at random; null without any. `cells` as in {@link measuredOf}. */
export function lateShare(
  confidence: HourSums['confidence'],
  cells: readonly Pick<LabelCell, 'isUnsure' | 'predicted' | 'actual' | 'n'>[],
  unsureBelow: number | null,
): { share: number; effectiveN: number } | null {
  const told = cells.filter(({ predicted, actual }) => predicted >= 0 && actual >= 0);
  return weightedShare(strataOf(confidence, told, unsureBelow).strata);
}

function strataOf(
  confidence: HourSums['confidence'],
  told: readonly Pick<LabelCell, 'isUnsure' | 'predicted' | 'actual' | 'n'>[],
  unsureBelow: number | null,
): { strata: Stratum[]; isWeighted: boolean } {
  const weights = unsureWeight(confidence, unsureBelow);
  const strata = [true, false].map((isUnsure) => {
    const part = told.filter((cell) => cell.isUnsure === isUnsure);
    const weight = weights === null ? total(part) : isUnsure ? weights : 1 - weights;
    return { n: total(part), correct: total(part.filter(isRight)), weight };
  });
  return { strata, isWeighted: weights !== null && strata.every(({ n }) => n > 0) };
}

function isRight({ predicted, actual }: Pick<LabelCell, 'predicted' | 'actual'>): boolean {
  return predicted === actual;
}

function accuracyOf(
  onDevice: Measured['onDevice'],
  strata: Parameters<typeof weightedShare>[0],
  isWeighted: boolean,
): Measured['accuracy'] {
  const late = weightedShare(strata);
  const lateN = late?.effectiveN ?? 0;
  const effectiveN = onDevice.n + lateN;
  if (effectiveN === 0) return null;
  const share = (onDevice.correct + (late?.share ?? 0) * lateN) / effectiveN;
  const interval = wilson(share, effectiveN) ?? { low: 0, high: 1 };
  const n = onDevice.n + strata.reduce((sum, stratum) => sum + stratum.n, 0);
  return { share, ...interval, n, isFew: effectiveN < FEW_LABELS, isWeighted };
}

/** A device that knows sums of errors and no right answers labels numbers. */
function withClasses({ n, correct, errorN, confusion }: NonNullable<HourSums['labelled']>): Measured['onDevice'] {
  return confusion || errorN < n ? { n: n - (confusion ? 0 : errorN), correct } : { n: 0, correct: 0 };
}

/** Share of all answers with a confidence below the limit; null when that is not known. */
function unsureWeight(confidence: readonly number[] | undefined, unsureBelow: number | null): number | null {
  if (!confidence || unsureBelow === null) return null;
  const all = confidence.reduce((sum, count) => sum + count, 0);
  const below = confidence.slice(0, Math.round(unsureBelow * CONFIDENCE_BINS)).reduce((sum, count) => sum + count, 0);
  return all > 0 ? below / all : null;
}

function confusionOf(
  onDevice: { classes: number; counts: readonly number[] } | undefined,
  told: readonly LabelCell[],
): Measured['confusion'] {
  const classes = told.reduce(
    (most, { predicted, actual }) => Math.max(most, predicted + 1, actual + 1),
    onDevice?.classes ?? 0,
  );
  if (classes === 0) return null;
  const counts = new Array<number>(classes * classes).fill(0);
  const add = (actual: number, predicted: number, n: number) => {
    counts[actual * classes + predicted] = (counts[actual * classes + predicted] ?? 0) + n;
  };
  if (onDevice)
    for (const [at, n] of onDevice.counts.entries()) add(Math.floor(at / onDevice.classes), at % onDevice.classes, n);
  for (const { actual, predicted, n } of told) add(actual, predicted, n);
  return counts.some((count) => count > 0) ? { classes, counts } : null;
}

function regressionOf(labelled: HourSums['labelled'], cells: readonly LabelCell[]): RegressionReport | null {
  const numbers = cells.filter(({ predicted, actual }) => predicted < 0 && actual >= 0);
  const sum = (of: (cell: LabelCell) => number) => numbers.reduce((all, cell) => all + of(cell), 0);
  return regressionReport({
    n: (labelled?.errorN ?? 0) + total(numbers),
    absErrorSum: (labelled?.absErrorSum ?? 0) + sum((cell) => cell.absErrorSum),
    sqErrorSum: (labelled?.sqErrorSum ?? 0) + sum((cell) => cell.sqErrorSum),
    errorSum: (labelled?.errorSum ?? 0) + sum((cell) => cell.errorSum),
  });
}

function total(cells: readonly Pick<LabelCell, 'n'>[]): number {
  return cells.reduce((sum, { n }) => sum + n, 0);
}
