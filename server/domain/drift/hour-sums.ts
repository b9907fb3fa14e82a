import {
  CONFIDENCE_BINS,
  Confusion,
  Count,
  DetectionCounts,
  Estimated,
  mergeWires,
  SketchWire,
  type Window,
} from '@flotilla/protocol';
import * as z from 'zod';
import { scoresOfSketches } from './sketch-bins.ts';
import { addStretches, type Scores, Stretches, scoresOfCounts, stretchOf } from './stretches.ts';

/** One feature of the inputs over some time: counts on the reference's edges, or sketches of the values ≥ 0 and of those < 0. */
export const FeatureSums = z.object({
  counts: z.array(Count).optional(),
  positive: SketchWire.optional(),
  negative: SketchWire.optional(),
  missing: Count,
  stretches: Stretches.optional(),
});
export type FeatureSums = z.infer<typeof FeatureSums>;

/** Answers whose truth the device knew itself. Sums of errors are of answer − label. */
const LabelledSums = z.object({
  n: Count,
  correct: Count,
  confusion: Confusion.optional(),
  errorN: Count,
  absErrorSum: z.number(),
  sqErrorSum: z.number(),
  errorSum: z.number(),
  detection: DetectionCounts.optional(),
});
export type LabelledSums = z.infer<typeof LabelledSums>;

/** What windows say of inputs, answers and truth, added up; what none of them had is absent. */
export const HourSums = z.object({
  inferences: Count,
  errors: Count,
  features: z.record(z.string(), FeatureSums),
  classCounts: z.array(Count).optional(),
  confidence: z.array(Count).length(CONFIDENCE_BINS).optional(),
  confidenceStretches: Stretches.optional(),
  /** Answers with a low confidence, of `n` that were looked at for that. */
  unsure: z.object({ n: Count, below: Count }).optional(),
  estimated: Estimated.optional(),
  labelled: LabelledSums.optional(),
});
export type HourSums = z.infer<typeof HourSums>;

export function emptyHour(): HourSums {
  return { inferences: 0, errors: 0, features: {} };
}

/** Null of a window that says nothing but speed and cost. */
export function hourOfWindow({
  startMs,
  inferences,
  errors,
  inputs,
  outputs,
  labelled,
}: Pick<Window, 'startMs' | 'inferences' | 'errors' | 'inputs' | 'outputs' | 'labelled'>): HourSums | null {
  const { classCounts, confidence, unsure, estimated } = outputs ?? {};
  if (!inputs && !classCounts && !confidence && !estimated && !labelled) return null;
  return {
    inferences,
    errors,
    features: Object.fromEntries(
      Object.entries(inputs ?? {}).map(([name, { counts, positive, negative, missing }]) => [
        name,
        {
          ...given({ counts, positive, negative }),
          stretches: stretchOf(startMs, scoresOf({ counts, positive, negative })),
          missing: missing ?? 0,
        },
      ]),
    ),
    ...given({
      classCounts,
      confidence,
      estimated,
      unsure: unsure === undefined || !confidence ? undefined : { n: sumOf(confidence), below: unsure },
      confidenceStretches: confidence && stretchOf(startMs, scoresOfCounts(confidence)),
    }),
    ...(labelled ? { labelled: labelledOf(labelled) } : {}),
  };
}

/** What tells how alike a feature's samples are. */
export function scoresOf({
  counts,
  positive,
  negative,
}: Pick<FeatureSums, 'counts' | 'positive' | 'negative'>): Scores {
  return counts ? scoresOfCounts(counts) : scoresOfSketches({ positive, negative });
}

/** Adds all of `other` to `sums`. Lists of another length were counted on other edges: those that were there first stay, unmixed. */
export function addHour(sums: HourSums, other: HourSums): void {
  sums.inferences += other.inferences;
  sums.errors += other.errors;
  for (const [name, feature] of Object.entries(other.features))
    sums.features[name] = addFeature(sums.features[name], feature);
  Object.assign(
    sums,
    given({
      classCounts: longerSum(sums.classCounts, other.classCounts),
      confidence: addLists(sums.confidence, other.confidence),
      unsure: addUnsure(sums.unsure, other.unsure),
      confidenceStretches: joined(sums.confidenceStretches, other.confidenceStretches, addStretches),
      estimated: addEstimated(sums.estimated, other.estimated),
      labelled: addLabelled(sums.labelled, other.labelled),
    }),
  );
}

export function sumHours(all: readonly HourSums[]): HourSums {
  const sums = emptyHour();
  for (const each of all) addHour(sums, each);
  return sums;
}

function labelledOf({ n, correct, ...rest }: NonNullable<Window['labelled']>): LabelledSums {
  const { confusion, absErrorSum, sqErrorSum, errorSum, detection } = rest;
  return {
    n,
    correct: correct ?? (confusion ? diagonalOf(confusion) : 0),
    errorN: absErrorSum === undefined && sqErrorSum === undefined ? 0 : n,
    absErrorSum: absErrorSum ?? 0,
    sqErrorSum: sqErrorSum ?? 0,
    errorSum: errorSum ?? 0,
    ...given({ confusion, detection }),
  };
}

function diagonalOf({ classes, counts }: Confusion): number {
  return counts.reduce((sum, count, at) => (at % (classes + 1) === 0 ? sum + count : sum), 0);
}

function addFeature(a: FeatureSums | undefined, b: FeatureSums): FeatureSums {
  if (!a) return b;
  return {
    missing: a.missing + b.missing,
    ...given({
      counts: addLists(a.counts, b.counts),
      positive: joined(a.positive, b.positive, mergeWires),
      negative: joined(a.negative, b.negative, mergeWires),
      stretches: joined(a.stretches, b.stretches, addStretches),
    }),
  };
}

function addUnsure(a: HourSums['unsure'], b: HourSums['unsure']): HourSums['unsure'] {
  return a && b ? { n: a.n + b.n, below: a.below + b.below } : (a ?? b);
}

function addEstimated(a: Estimated | undefined, b: Estimated | undefined): Estimated | undefined {
  if (!a || !b || a.truePositives.length !== b.truePositives.length) return a ?? b;
  return {
    n: a.n + b.n,
    variance: a.variance + b.variance,
    truePositives: addLists(a.truePositives, b.truePositives) ?? [],
    falsePositives: addLists(a.falsePositives, b.falsePositives) ?? [],
    falseNegatives: addLists(a.falseNegatives, b.falseNegatives) ?? [],
  };
}

function addLabelled(a: LabelledSums | undefined, b: LabelledSums | undefined): LabelledSums | undefined {
  if (!a || !b) return a ?? b;
  return {
    n: a.n + b.n,
    correct: a.correct + b.correct,
    errorN: a.errorN + b.errorN,
    absErrorSum: a.absErrorSum + b.absErrorSum,
    sqErrorSum: a.sqErrorSum + b.sqErrorSum,
    errorSum: a.errorSum + b.errorSum,
    ...given({ confusion: addConfusion(a.confusion, b.confusion), detection: addDetection(a.detection, b.detection) }),
  };
}

function addConfusion(a: Confusion | undefined, b: Confusion | undefined): Confusion | undefined {
  if (!a || !b || a.classes !== b.classes) return a ?? b;
  return { classes: a.classes, counts: addLists(a.counts, b.counts) ?? [] };
}

function addDetection(a: DetectionCounts | undefined, b: DetectionCounts | undefined): DetectionCounts | undefined {
  if (!a || !b || a.truePositives.length !== b.truePositives.length) return a ?? b;
  return {
    truePositives: addLists(a.truePositives, b.truePositives) ?? [],
    falsePositives: addLists(a.falsePositives, b.falsePositives) ?? [],
    falseNegatives: addLists(a.falseNegatives, b.falseNegatives) ?? [],
  };
}

function joined<T>(a: T | undefined, b: T | undefined, add: (a: T, b: T) => T): T | undefined {
  return a && b ? add(a, b) : (a ?? b);
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Element by element; of lists of unequal length the first stays. */
function addLists(a: readonly number[] | undefined, b: readonly number[] | undefined): number[] | undefined {
  if (!a || !b) return a || b ? [...(a ?? b ?? [])] : undefined;
  return a.length === b.length ? a.map((value, at) => value + (b[at] ?? 0)) : [...a];
}

/** Class counts grow with the highest class that was seen. */
function longerSum(a: readonly number[] | undefined, b: readonly number[] | undefined): number[] | undefined {
  if (!a || !b) return addLists(a, b);
  const longer = a.length >= b.length ? a : b;
  return longer.map((_, at) => (a[at] ?? 0) + (b[at] ?? 0));
}

/** Without what is undefined. Every window comes through here: a loop costs less than half of a list of entries. */
function given<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept: { [K in keyof T]?: NonNullable<T[K]> } = {};
  for (const name of Object.keys(values) as (keyof T)[]) {
    const value = values[name];
    if (value !== undefined) kept[name] = value as NonNullable<T[keyof T]>;
  }
  return kept;
}
