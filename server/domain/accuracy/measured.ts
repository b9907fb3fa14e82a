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
  /** Over all answers, unsure ones weighed by how many there are; null when labels do not tell. */
  accuracy: { share: number; low: number; high: number; n: number; isFew: boolean; isWeighted: boolean } | null;
  /** Answers that no label tells of, though others were labelled: their share of all keeps an accuracy from being known. */
  untold: 'sure' | 'unsure' | null;
  /** Labels as they came; what is made of them weighs them as the accuracy does. */
  confusion: { classes: number; counts: number[] } | null;
  classification: ClassificationReport | null;
  regression: RegressionReport | null;
  detection: DetectionReport | null;
};

/**
 * What labels say of a time, from wherever they came. Where devices did not count their unsure answers, `unsureBelow` tells which
 * those are.
 */
export function measuredOf(sums: HourSums, cells: readonly LabelCell[], unsureBelow: number | null): Measured {
  const { labelled } = sums;
  const told = toldOf(cells);
  const reported = total(cells);
  const lateAll = total(cells.filter(({ actual }) => actual >= 0));
  const onDevice = onDeviceOf(sums);
  const strata = strataOf(told, sums, unsureBelow);
  const late = weightedShare(strata);
  const lateN = total(told);
  const untold = lateN > 0 && late === null ? strata.find(({ n }) => n === 0) : undefined;
  return {
    onDevice,
    late: {
      n: lateAll,
      correct: total(told.filter(isRight)),
      reported,
      coverage: reported > 0 ? lateAll / reported : null,
    },
    accuracy: labelledAccuracy(sums, cells, unsureBelow),
    untold: untold ? (untold.isUnsure ? 'unsure' : 'sure') : null,
    confusion: confusionOf(labelled?.confusion, told),
    classification: reportOf(labelled?.confusion, late ? weighed(told, strata) : []),
    regression: regressionOf(labelled, cells),
    detection: labelled?.detection ? detectionReport(labelled.detection) : null,
  };
}

/** How right all answers were, by labels from wherever they came; null when they do not tell. `cells` as in {@link measuredOf}. */
export function labelledAccuracy(
  sums: HourSums,
  cells: readonly Judgement[],
  unsureBelow: number | null,
): Measured['accuracy'] {
  const onDevice = onDeviceOf(sums);
  const told = toldOf(cells);
  const strata = strataOf(told, sums, unsureBelow);
  const late = weightedShare(strata);
  return accuracyOf(onDevice, late, late ? total(told) : 0, strata.filter(({ n }) => n > 0).length > 1);
}

/** Labels that came later, as if so many answers had been drawn at random; null when they do not tell. `cells` as in {@link measuredOf}. */
export function lateShare(
  sums: Pick<HourSums, 'confidence' | 'unsure'>,
  cells: readonly Judgement[],
  unsureBelow: number | null,
): { share: number; effectiveN: number } | null {
  return weightedShare(strataOf(toldOf(cells), sums, unsureBelow));
}

/** Answers with a class whose label is one. */
function toldOf<Cell extends Judgement>(cells: readonly Cell[]): Cell[] {
  return cells.filter(({ predicted, actual }) => predicted >= 0 && actual >= 0);
}

function onDeviceOf({ labelled }: HourSums): Measured['onDevice'] {
  return labelled && !labelled.detection ? withClasses(labelled) : { n: 0, correct: 0 };
}

type Judgement = Pick<LabelCell, 'isUnsure' | 'predicted' | 'actual' | 'n'>;
type Part = Stratum & { isUnsure: boolean };

/** Unsure answers and all others; where nobody knows how many are unsure, no weight is given to either when both were kept. */
function strataOf(
  told: readonly Judgement[],
  sums: Pick<HourSums, 'confidence' | 'unsure'>,
  unsureBelow: number | null,
): Part[] {
  const unsure = unsureShare(sums, unsureBelow);
  return [true, false].map((isUnsure) => {
    const part = told.filter((cell) => cell.isUnsure === isUnsure);
    const known = unsure === null ? null : isUnsure ? unsure : 1 - unsure;
    const weight = known ?? (told.some((cell) => cell.isUnsure) ? 0 : total(part));
    return { isUnsure, n: total(part), correct: total(part.filter(isRight)), weight };
  });
}

/** As many labels as there are, each kind as often as it is among all answers. */
function weighed(told: readonly LabelCell[], strata: readonly Part[]): LabelCell[] {
  const all = total(told);
  const known = strata.filter(({ n }) => n > 0);
  const weights = known.reduce((sum, { weight }) => sum + weight, 0);
  return told.map((cell) => {
    const { n, weight } = known.find(({ isUnsure }) => isUnsure === cell.isUnsure) ?? { n: 1, weight: 0 };
    return { ...cell, n: (cell.n * all * weight) / (weights * n) };
  });
}

function reportOf(
  onDevice: Parameters<typeof confusionOf>[0],
  told: readonly LabelCell[],
): ClassificationReport | null {
  const confusion = confusionOf(onDevice, told);
  return confusion && classificationReport(confusion.classes, confusion.counts);
}

function isRight({ predicted, actual }: Judgement): boolean {
  return predicted === actual;
}

function accuracyOf(
  onDevice: Measured['onDevice'],
  late: ReturnType<typeof weightedShare>,
  lateLabels: number,
  isWeighted: boolean,
): Measured['accuracy'] {
  const lateN = late?.effectiveN ?? 0;
  const effectiveN = onDevice.n + lateN;
  if (effectiveN === 0) return null;
  const share = (onDevice.correct + (late?.share ?? 0) * lateN) / effectiveN;
  const interval = wilson(share, effectiveN) ?? { low: 0, high: 1 };
  return {
    share,
    ...interval,
    n: onDevice.n + lateLabels,
    isFew: effectiveN < FEW_LABELS,
    isWeighted: late !== null && isWeighted,
  };
}

/** A device that knows sums of errors and no right answers labels numbers. */
function withClasses({ n, correct, errorN, confusion }: NonNullable<HourSums['labelled']>): Measured['onDevice'] {
  return confusion || errorN < n ? { n: n - (confusion ? 0 : errorN), correct } : { n: 0, correct: 0 };
}

/** Share of unsure answers among all; null when that is not known. */
function unsureShare(
  { unsure, confidence }: Pick<HourSums, 'confidence' | 'unsure'>,
  unsureBelow: number | null,
): number | null {
  if (unsure && unsure.n > 0) return unsure.below / unsure.n;
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
