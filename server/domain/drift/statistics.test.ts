import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquaredAbove, chiSquaredQuantile } from './chi-squared.ts';
import {
  chiSquaredTest,
  joinSparse,
  jsDistance,
  jsEffect,
  lInfinity,
  psi,
  psiThreshold,
  totalOf,
} from './distances.ts';
import { heldAt } from './false-discovery.ts';

describe('χ²', () => {
  it.each([
    [3.841459, 1, 0.05],
    [16.918978, 9, 0.05],
    [18.307038, 10, 0.05],
    [6.634897, 1, 0.01],
    [43.820196, 19, 0.001],
    [0.710723, 4, 0.95],
  ])('of %d with %d degrees of freedom leaves %d above, as the tables say', (x, df, above) => {
    expect(chiSquaredAbove(x, df)).toBeCloseTo(above, 6);
    expect(chiSquaredQuantile(above, df)).toBeCloseTo(x, 5);
  });

  it('of a two by two table is n(ad − bc)² over the product of its sums', () => {
    const { statistic, df, p } = chiSquaredTest([10, 20], [20, 10]);
    expect([statistic, df]).toEqual([expect.closeTo(6.6667, 3), 1]);
    expect(p).toBeCloseTo(0.009823, 5);
  });

  it('counts no bin that both lack, and finds nothing in nothing', () => {
    expect(chiSquaredTest([10, 0, 20], [20, 0, 10]).df).toBe(1);
    expect(chiSquaredTest([10, 20], [0, 0])).toEqual({ statistic: 0, df: 0, p: 1 });
  });
});

describe('distances', () => {
  it('PSI is Σ (q − p) ln(q / p)', () => {
    expect(psi([500_000, 500_000], [600_000, 400_000])).toBeCloseTo(0.1 * Math.log(1.2) - 0.1 * Math.log(0.8), 5);
  });

  it('Jensen–Shannon is in bits: scipy’s jensenshannon with base 2', () => {
    expect(jsDistance([1, 0, 0], [0, 1, 0])).toBe(1);
    expect(jsDistance([10, 0], [5, 5])).toBeCloseTo(0.46450140402245893 / Math.sqrt(Math.LN2), 12);
    expect(jsDistance([3, 7], [30, 70])).toBeCloseTo(0, 12);
  });

  it('L∞ is the largest difference of a share', () => {
    expect(lInfinity([50, 30, 20], [20, 30, 50])).toBeCloseTo(0.3, 12);
  });

  it.each([
    [500, 0.0355],
    [1_000, 0.0186],
    [5_000, 0.0051],
  ])('the PSI of %d samples against 10,000 in ten bins stays below %d without drift', (n, threshold) => {
    expect(psiThreshold(n, 10_000, 10, 0.05)).toBeCloseTo(threshold, 3);
  });

  it('are 0 of a sample with itself, the same both ways, and within their bounds', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 5, maxLength: 5 });
    const some = counts.filter((list) => totalOf(list) > 0);
    fc.assert(
      fc.property(some, some, (a, b) => {
        expect(jsDistance(a, a)).toBeCloseTo(0, 6);
        expect(psi(a, a)).toBe(0);
        expect(jsDistance(a, b)).toBeCloseTo(jsDistance(b, a), 12);
        expect(jsDistance(a, b)).toBeLessThanOrEqual(1);
        expect(jsEffect(a, b)).toBeLessThanOrEqual(jsDistance(a, b));
        expect(psi(a, b)).toBeGreaterThanOrEqual(0);
        const joined = joinSparse(a, b);
        expect([totalOf(joined.reference), totalOf(joined.current)]).toEqual([totalOf(a), totalOf(b)]);
      }),
    );
  });

  it('bins that hold next to nothing are joined, one that came from nowhere is not', () => {
    expect(joinSparse([1, 400, 400, 2], [0, 100, 100, 1])).toEqual({ reference: [401, 402], current: [100, 101] });
    expect(joinSparse([0, 10_000, 0], [0, 0, 200])).toEqual({ reference: [10_000, 0], current: [0, 200] });
  });
});

it('false discoveries: Benjamini and Hochberg’s own example rejects the four smallest of fifteen', () => {
  const ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528];
  const all = [...ps, 0.759, 1].reverse();
  expect(all.filter((_, at) => heldAt(all, 0.05)[at])).toEqual([0.0095, 0.0019, 0.0004, 0.0001]);
  expect(heldAt([], 0.05)).toEqual([]);
});
