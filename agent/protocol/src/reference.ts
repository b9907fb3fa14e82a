import * as z from 'zod';
import { Count } from './primitives.ts';

/** Features of a model's inputs that one release may watch. */
export const MAX_FEATURES = 32;

/** Bins of one feature: one fewer edges. */
export const MAX_FEATURE_BINS = 64;

/** Bins of the confidence of the answer: [0, 0.05), … [0.95, 1]. */
export const CONFIDENCE_BINS = 20;

/** Points of one calibration curve. */
const MAX_KNOTS = 64;

const MAX_CLASSES = 64;

export const FeatureName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:[\]-]{0,63}$/, 'must be 1 to 64 letters, digits or _ . : [ ] -');

/**
 * What is taken of an input tensor, one number a sample: an element of it, or a statistic over all its elements; `sd` is of the population,
 * `rms` the root of the mean square. The first dimension counts samples where the model leaves it open or fixes it to 1.
 */
export const featureStats = ['mean', 'sd', 'min', 'max', 'rms'] as const;
export const FeatureOf = z.union([
  z.looseObject({ element: z.number().int().min(0).max(1_000_000) }),
  z.looseObject({ stat: z.enum(featureStats) }),
]);
export type FeatureOf = z.infer<typeof FeatureOf>;

const isGrowing = (values: number[]) => values.every((value, at) => at === 0 || value > (values[at - 1] ?? value));

/**
 * One feature as it was when the version was made. Bin 0 holds values < edges[0], bin i values in [edges[i − 1], edges[i]), the last bin
 * values ≥ the last edge. `missing` counts values that are not finite.
 */
export const ReferenceFeature = z
  .looseObject({
    name: FeatureName,
    input: z.string().min(1).max(200),
    of: FeatureOf,
    edges: z
      .array(z.number())
      .min(1)
      .max(MAX_FEATURE_BINS - 1)
      .refine(isGrowing, 'edges must grow'),
    counts: z.array(Count),
    missing: Count.default(0),
  })
  .refine(({ edges, counts }) => counts.length === edges.length + 1, 'counts must have one element more than edges');
export type ReferenceFeature = z.infer<typeof ReferenceFeature>;

/**
 * From a class's raw probability to the share of answers that were right at it: points of an isotonic regression, linear between them and
 * flat beyond. One curve for all classes, or one for each.
 */
export const CalibrationCurve = z
  .looseObject({
    x: z.array(z.number().min(0).max(1)).min(1).max(MAX_KNOTS).refine(isGrowing, 'x must grow'),
    y: z.array(z.number().min(0).max(1)),
  })
  .refine(({ x, y }) => x.length === y.length, 'x and y must have as many elements')
  .refine(({ y }) => y.every((value, at) => at === 0 || value >= (y[at - 1] ?? value)), 'y must not fall');
export type CalibrationCurve = z.infer<typeof CalibrationCurve>;

export const Calibration = z
  .looseObject({
    classes: z.number().int().min(2).max(MAX_CLASSES),
    curves: z.array(CalibrationCurve).min(1).max(MAX_CLASSES),
  })
  .refine(({ classes, curves }) => curves.length === 1 || curves.length === classes, 'one curve, or one a class');
export type Calibration = z.infer<typeof Calibration>;

/**
 * A release's `reference` file: what its inputs and answers look like when all is well. The device counts on these very edges, so that
 * distributions compare exactly and no raw value leaves it.
 */
export const ReferenceProfile = z
  .looseObject({
    v: z.literal(1),
    /** Samples the profile was made from. */
    samples: Count,
    features: z.array(ReferenceFeature).max(MAX_FEATURES),
    outputs: z
      .looseObject({
        classCounts: z.array(Count).min(2).max(MAX_CLASSES).optional(),
        confidence: z.array(Count).length(CONFIDENCE_BINS).optional(),
      })
      .optional(),
    calibration: Calibration.optional(),
  })
  .refine(
    ({ features }) => new Set(features.map(({ name }) => name)).size === features.length,
    'features must have names of their own',
  );
export type ReferenceProfile = z.infer<typeof ReferenceProfile>;
