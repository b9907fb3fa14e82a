import { SKETCH_ALPHA, type Sketch } from '@flotilla/protocol';

/** OpenTelemetry's exponential histogram: bucket i of `positive` counts values in (base^(offset + i), base^(offset + i + 1)], base = 2^(2^-scale). */
export type ExponentialHistogram = {
  count: number;
  sum: number;
  min?: number;
  max?: number;
  scale: number;
  zeroCount: number;
  positive: { offset: number; bucketCounts: number[] };
};

/** The finest scale that gains anything: its buckets are 1.1 % wide, a sketch's 2 %. */
const FINEST_SCALE = 6;

/** At the finest scale the slowest is 32 times the fastest; a wider histogram is made coarser. Twice what OpenTelemetry's SDKs keep. */
const MAX_BUCKETS = 320;

const LOG_GAMMA = Math.log((1 + SKETCH_ALPHA) / (1 - SKETCH_ALPHA));
const MIDDLE = 2 / ((1 + SKETCH_ALPHA) / (1 - SKETCH_ALPHA) + 1);

/**
 * A DDSketch as an exponential histogram of its values times `unit`. Neither's boundaries are the other's, so each of the sketch's buckets
 * goes whole into the bucket where the value lies that it stands for: 2γ^i / (γ + 1), within 1 % of what was measured. At the finest scale a
 * quantile read from the result, as a bucket's middle, is therefore within 1.6 % of the exact one. Count, sum, min and max are exact.
 * Scales: https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */
export function exponentialHistogramOf(sketch: Sketch, unit: number): ExponentialHistogram {
  const { count, zeroCount } = sketch;
  const logs = [...sketch.buckets].map(([index, n]) => ({
    log2: Math.log2(MIDDLE * unit) + (index * LOG_GAMMA) / Math.LN2,
    n,
  }));
  const bounds = logs.map(({ log2 }) => log2);
  let scale = FINEST_SCALE;
  const indexAt = (log2: number) => Math.ceil(log2 * 2 ** scale) - 1;
  while (logs.length > 0 && indexAt(Math.max(...bounds)) - indexAt(Math.min(...bounds)) >= MAX_BUCKETS) scale -= 1;
  const offset = logs.length > 0 ? indexAt(Math.min(...bounds)) : 0;
  const bucketCounts = new Array<number>(logs.length > 0 ? indexAt(Math.max(...bounds)) - offset + 1 : 0).fill(0);
  for (const { log2, n } of logs)
    bucketCounts[indexAt(log2) - offset] = (bucketCounts[indexAt(log2) - offset] ?? 0) + n;
  return {
    count,
    sum: sketch.sum * unit,
    ...(count > 0 && { min: sketch.min * unit, max: sketch.max * unit }),
    scale,
    zeroCount,
    positive: { offset, bucketCounts },
  };
}
