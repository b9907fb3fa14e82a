import { quantileOf, type Sketch } from '@flotilla/protocol';

/**
 * Half width of a band around a distribution that holds at all times together with probability 1 − alpha:
 * 0.85 · √((log log(e·t) + 0.8 · log(1612/α)) / t) after t observations (Howard & Ramdas, "Sequential estimation of quantiles",
 * Bernoulli 28(3), 2022, a time-uniform DKW inequality).
 */
export function bandHalfWidth(count: number, alpha: number): number {
  if (count < 1) return 1;
  return Math.min(1, 0.85 * Math.sqrt((Math.log(1 + Math.log(count)) + 0.8 * Math.log(1612 / alpha)) / count));
}

/** Between what the p-quantile of the stream behind a sketch lies, at all times. Infinite above while too little was seen. */
export function quantileBand(
  sketch: Sketch,
  p: number,
  alpha: number,
  countWorth: number,
): { low: number; high: number } {
  const halfWidth = bandHalfWidth(countWorth, alpha);
  const low = p - halfWidth <= 0 ? 0 : (quantileOf(sketch, p - halfWidth) ?? 0);
  const high =
    p + halfWidth >= 1 ? Number.POSITIVE_INFINITY : (quantileOf(sketch, p + halfWidth) ?? Number.POSITIVE_INFINITY);
  return { low, high };
}

/**
 * By how much, at the least and at the most, the p-quantile of one stream is a multiple of another's. Both bands hold with
 * probability 1 − alpha. `worth` is the part of an inference that counts, for neighbours in one stream are alike.
 */
export function quantileRatio(
  after: Sketch,
  before: Sketch,
  p: number,
  alpha: number,
  worth: number,
): { low: number; high: number } {
  const a = quantileBand(after, p, alpha / 2, after.count * worth);
  const b = quantileBand(before, p, alpha / 2, before.count * worth);
  return { low: a.low / b.high, high: b.low > 0 ? a.high / b.low : Number.POSITIVE_INFINITY };
}
