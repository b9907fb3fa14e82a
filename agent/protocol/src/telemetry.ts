import * as z from 'zod';
import { MAX_COUNT_PER_WINDOW, MAX_ERROR_SUM, MAX_WINDOWS_PER_MESSAGE } from './limits.ts';
import { BootId, Count, EpochMs, Quantity, Seq, SlotName, Uuid } from './primitives.ts';
import { CONFIDENCE_BINS, FeatureName, MAX_FEATURE_BINS, MAX_FEATURES } from './reference.ts';
import { SketchWire } from './sketch.ts';

export const powerSources = ['ina3221', 'rapl', 'hwmon', 'battery', 'pmic', 'estimate'] as const;
export const PowerSource = z.enum(powerSources);
export type PowerSource = z.infer<typeof PowerSource>;

const WindowCount = z.number().int().min(0).max(MAX_COUNT_PER_WINDOW);
const WindowQuantity = z.number().min(0).max(MAX_COUNT_PER_WINDOW);
const ErrorSum = z.number().min(0).max(MAX_ERROR_SUM);

/** Most classes a confusion matrix may have on the wire. */
const MAX_CLASSES = 64;

/** Row-major counts, `[actual · classes + predicted]`. */
export const Confusion = z
  .looseObject({
    classes: z.number().int().min(2).max(MAX_CLASSES),
    counts: z.array(WindowCount).max(MAX_CLASSES * MAX_CLASSES),
  })
  .refine(({ classes, counts }) => counts.length === classes * classes, 'counts must have classes × classes elements');
export type Confusion = z.infer<typeof Confusion>;

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) &&
  value.length <= MAX_FEATURE_BINS &&
  value.every((count) => Number.isInteger(count) && count >= 0 && count <= MAX_COUNT_PER_WINDOW);

/**
 * How often a feature of the inputs fell where. With a reference profile: `counts` on its edges. Without one: sketches of the values ≥ 0 and
 * of the absolute values of those < 0, whose buckets are edges too. `missing` counts values that are not finite.
 */
export const FeatureCounts = z
  .looseObject({
    counts: z.custom<number[]>(isCounts, 'counts must be a list of counts').optional(),
    positive: SketchWire.optional(),
    negative: SketchWire.optional(),
    missing: WindowCount.optional(),
  })
  .refine(
    ({ counts, positive, negative }) => (counts === undefined) === (positive !== undefined || negative !== undefined),
    'either counts or sketches',
  );
export type FeatureCounts = z.infer<typeof FeatureCounts>;

/**
 * Accuracy as the calibrated probabilities promise it (confidence-based performance estimation, NannyML): with p_k the calibrated
 * probability of class k and ŷ the answer, per class Σ p_k where ŷ = k, Σ (1 − p_k) where ŷ = k, Σ p_k where ŷ ≠ k.
 * Estimated accuracy = Σ truePositives ÷ n, with variance `variance` ÷ n², `variance` being Σ p_ŷ (1 − p_ŷ).
 */
export const Estimated = z
  .looseObject({
    n: WindowCount,
    truePositives: z.array(WindowQuantity).min(2).max(MAX_CLASSES),
    falsePositives: z.array(WindowQuantity),
    falseNegatives: z.array(WindowQuantity),
    variance: WindowQuantity,
  })
  .refine(
    ({ truePositives: { length }, falsePositives, falseNegatives }) =>
      falsePositives.length === length && falseNegatives.length === length,
    'the lists must have one element a class',
  );
export type Estimated = z.infer<typeof Estimated>;

/** Objects found, wrongly found, and missed, one element a class. */
export const DetectionCounts = z
  .looseObject({
    truePositives: z.array(WindowCount).min(1).max(MAX_CLASSES),
    falsePositives: z.array(WindowCount),
    falseNegatives: z.array(WindowCount),
  })
  .refine(
    ({ truePositives: { length }, falsePositives, falseNegatives }) =>
      falsePositives.length === length && falseNegatives.length === length,
    'the lists must have one element a class',
  );
export type DetectionCounts = z.infer<typeof DetectionCounts>;

/** Predictions that one window may carry. */
export const MAX_PREDICTIONS_PER_WINDOW = 64;

/**
 * One answer, kept so that a label that comes later finds it. `id` is the request's own in OIP v2, else made by the runner and returned
 * with the answer. `class` is the index of the answer; `value` the answer of a regression. `unsure`: kept for its low confidence, not by
 * chance; such answers are worse than others, and speak for no others.
 */
export const Prediction = z.looseObject({
  id: z.string().min(1).max(128),
  at: EpochMs,
  class: z
    .number()
    .int()
    .min(0)
    .max(MAX_CLASSES - 1)
    .optional(),
  value: z.number().optional(),
  confidence: z.number().min(0).max(1).optional(),
  unsure: z.boolean().optional(),
});
export type Prediction = z.infer<typeof Prediction>;

/**
 * One slot's and release's telemetry for a short interval. A value that was not measured is absent, never 0.
 * Latencies in ms: `run` inside ONNX Runtime, `queue` before it, `total` both. `cpuPct` is of the whole machine (0–100).
 */
export const Window = z.looseObject({
  slot: SlotName,
  releaseId: Uuid,
  startMs: EpochMs,
  durationMs: z.number().int().min(1).max(3_600_000),
  /** Milliseconds since the machine booted, at `startMs`: tells a clock that jumped from time that passed. */
  uptimeMs: Count.optional(),
  inferences: WindowCount,
  errors: WindowCount,
  errorCodes: z.record(z.string().max(64), WindowCount).optional(),
  latencyMs: z.looseObject({ run: SketchWire, total: SketchWire.optional(), queue: SketchWire.optional() }),
  energyJ: WindowQuantity.optional(),
  idleEnergyJ: WindowQuantity.optional(),
  powerW: WindowQuantity.optional(),
  powerSource: PowerSource.optional(),
  cpuPct: z.number().min(0).max(100).optional(),
  rssBytes: Quantity.optional(),
  runnerRssBytes: Quantity.optional(),
  memoryUsedBytes: Quantity.optional(),
  tempC: z.number().min(-100).max(250).optional(),
  throttled: z.boolean().optional(),
  batteryPct: z.number().min(0).max(100).optional(),
  diskFreeBytes: Quantity.optional(),
  /** What the board's networks received and sent in this time, the same in the windows of all slots. */
  netRxBytes: Count.optional(),
  netTxBytes: Count.optional(),
  outputs: z
    .looseObject({
      classCounts: z.array(WindowCount).max(MAX_CLASSES).optional(),
      confidence: z.array(WindowCount).length(CONFIDENCE_BINS).optional(),
      /** Of all answers, those with a confidence that is low by the sampling that is asked for; absent when it names none. */
      unsure: WindowCount.optional(),
      meanEntropy: WindowQuantity.optional(),
      estimated: Estimated.optional(),
    })
    .optional(),
  /** By feature name. */
  inputs: z
    .record(FeatureName, FeatureCounts)
    .refine((features) => Object.keys(features).length <= MAX_FEATURES, `at most ${MAX_FEATURES} features`)
    .optional(),
  labelled: z
    .looseObject({
      n: WindowCount,
      correct: WindowCount.optional(),
      confusion: Confusion.optional(),
      absErrorSum: ErrorSum.optional(),
      sqErrorSum: ErrorSum.optional(),
      /** Σ (answer − label): its mean is the bias. */
      errorSum: z.number().min(-MAX_ERROR_SUM).max(MAX_ERROR_SUM).optional(),
      detection: DetectionCounts.optional(),
    })
    .optional(),
  predictions: z.array(Prediction).max(MAX_PREDICTIONS_PER_WINDOW).optional(),
});
export type Window = z.infer<typeof Window>;

/** `dropped`: windows this boot lost so far because the spool was full. */
export const Telemetry = z.looseObject({
  boot: BootId,
  seq: Seq,
  /** Lowest sequence number of this boot the device still holds. */
  oldestSeq: Seq,
  sentAt: EpochMs,
  dropped: Count.optional(),
  windows: z.array(Window).max(MAX_WINDOWS_PER_MESSAGE),
});
export type Telemetry = z.infer<typeof Telemetry>;

/** What the server has committed to its database: everything up to and including these numbers, of this boot. */
export const Ack = z.looseObject({ boot: BootId, telemetrySeq: Count, eventSeq: Count });
export type Ack = z.infer<typeof Ack>;
