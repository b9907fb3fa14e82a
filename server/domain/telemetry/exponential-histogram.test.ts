import { addToSketch, emptySketch } from '@flotilla/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ExponentialHistogram, exponentialHistogramOf } from './exponential-histogram.ts';

const sketchOf = (values: readonly number[]) => {
  const sketch = emptySketch();
  for (const value of values) addToSketch(sketch, value);
  return sketch;
};

/** The lower q-quantile as the geometric middle of its bucket. */
function quantile({ scale, zeroCount, positive }: ExponentialHistogram, q: number, count: number): number {
  let seen = zeroCount;
  if (q * (count - 1) < seen) return 0;
  for (const [at, n] of positive.bucketCounts.entries()) {
    seen += n;
    if (q * (count - 1) < seen) return 2 ** ((positive.offset + at + 0.5) / 2 ** scale);
  }
  return Number.NaN;
}

test('quantiles of narrow distributions stay within 1.6 % of the exact ones, and count and sum are exact', () => {
  const values = fc.array(fc.double({ min: 2, max: 60, noNaN: true }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, q) => {
      const histogram = exponentialHistogramOf(sketchOf(given), 1 / 1000);
      expect(histogram.scale).toBe(6);
      expect(histogram.count).toBe(given.length);
      expect(histogram.positive.bucketCounts.reduce((sum, n) => sum + n, 0)).toBe(given.length);
      expect(histogram.sum).toBeCloseTo(given.reduce((sum, each) => sum + each, 0) / 1000);
      const exact = ([...given].sort((a, b) => a - b)[Math.floor(q * (given.length - 1))] ?? 0) / 1000;
      expect(Math.abs(quantile(histogram, q, given.length) - exact)).toBeLessThanOrEqual(0.016 * exact);
    }),
  );
});

test('whatever was measured, there are at most 320 buckets, and nothing is lost', () => {
  const values = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e8, noNaN: true })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(values, (given) => {
      const sketch = sketchOf(given);
      const { positive, zeroCount, min, max } = exponentialHistogramOf(sketch, 1);
      expect(positive.bucketCounts.length).toBeLessThanOrEqual(320);
      expect(positive.bucketCounts.reduce((sum, n) => sum + n, zeroCount)).toBe(given.length);
      expect([min, max]).toEqual(given.length === 0 ? [undefined, undefined] : [sketch.min, sketch.max]);
    }),
  );
});
