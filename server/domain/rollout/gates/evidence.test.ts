import { addToSketch, emptySketch, quantileOf } from '@flotilla/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceOfFewerHits, evidenceOfMoreHits } from './evidence-of-counts.ts';
import { evidenceAbove, marginOf } from './evidence-of-mean.ts';
import { bandHalfWidth, quantileRatio } from './quantile-bands.ts';
import { logBeta, logBetaShareBelow, logGamma, studentShareBelow } from './special.ts';

/** Midpoint rule: a reference that shares nothing with closed forms and continued fractions. */
function integrate(of: (x: number) => number, from: number, to: number, points = 20_000): number {
  const step = (to - from) / points;
  let sum = 0;
  for (let at = 0; at < points; at += 1) sum += of(from + (at + 0.5) * step);
  return sum * step;
}

const size = fc.double({ min: 1, max: 60, noNaN: true });
const share = fc.double({ min: 0.02, max: 0.98, noNaN: true });

describe('special functions', () => {
  it('are factorials, and integrals computed numerically', () => {
    expect(Math.exp(logGamma(11))).toBeCloseTo(3_628_800, 3);
    expect(Math.exp(logGamma(0.5))).toBeCloseTo(Math.sqrt(Math.PI), 10);
    fc.assert(
      fc.property(size, size, share, (a, b, x) => {
        const density = (t: number) => Math.exp((a - 1) * Math.log(t) + (b - 1) * Math.log1p(-t) - logBeta(a, b));
        expect(Math.exp(logBetaShareBelow(x, a, b))).toBeCloseTo(integrate(density, 0, x), 4);
      }),
      { numRuns: 60 },
    );
  });

  it('know the quantiles of Student’s t from tables', () => {
    for (const [t, df, below] of [
      [12.706, 1, 0.975],
      [1.833, 9, 0.95],
      [-2.764, 10, 0.01],
      [1.96, 1e6, 0.975],
    ] as const)
      expect(studentShareBelow(t, df)).toBeCloseTo(below, 3);
  });
});

describe('evidence of a mean', () => {
  it('is the mixture over effects and standard deviations, integrated numerically', () => {
    // Numerator and denominator of the Bayes factor over u = log of the standard deviation (right Haar: flat in u) and the effect.
    const reference = (t: number, n: number) => {
      const df = n - 1;
      const likelihood = (effect: number, u: number) =>
        Math.exp(-n * u - 0.5 * Math.exp(-2 * u) * df - 0.5 * n * (t / Math.sqrt(n) / Math.exp(u) - effect) ** 2);
      const over = (effect: number) => integrate((u) => likelihood(effect, u), -5, 6, 1_200);
      const prior = (effect: number) => (2 * Math.exp((-effect * effect) / 8)) / Math.sqrt(2 * Math.PI * 4);
      return integrate((effect) => prior(effect) * over(effect), 0, 16, 1_200) / over(0);
    };
    for (const [t, n] of [
      [0.5, 3],
      [2.5, 5],
      [3, 10],
      [-1, 6],
    ] as const) {
      const evidence = evidenceAbove({ mean: t / Math.sqrt(n), variance: 1, count: n, df: n - 1 }, 0);
      expect(evidence / reference(t, n)).toBeCloseTo(1, 2);
    }
  });

  it('is the normal mixture when the variance is known', () => {
    const [mean, n] = [0.4, 50];
    const spread = 1 + 4 * n;
    const twoSided = Math.exp(0.5 * mean * mean * n * (1 - 1 / spread)) / Math.sqrt(spread);
    const evidence = evidenceAbove({ mean, variance: 1, count: n, df: 1e9 }, 0);
    expect(evidence).toBeGreaterThan(twoSided * 1.98);
    expect(evidence).toBeLessThanOrEqual(twoSided * 2.001);
  });

  it('is expected to be 1 at most when the mean is the limit, for two devices too', () => {
    for (const n of [2, 3, 5, 10]) {
      const density = (t: number) =>
        Math.exp(-logBeta((n - 1) / 2, 0.5)) / Math.sqrt(n - 1) / (1 + (t * t) / (n - 1)) ** (n / 2);
      const of = (t: number) =>
        evidenceAbove({ mean: t / Math.sqrt(n), variance: 1, count: n, df: n - 1 }, 0) * density(t);
      // By t = tan(angle), so that the heavy tails of few devices are all counted.
      const expected = integrate((angle) => of(Math.tan(angle)) / Math.cos(angle) ** 2, -Math.PI / 2, Math.PI / 2);
      expect(expected).toBeCloseTo(1, 2);
    }
  });

  it('reaches what is needed where its margin says', () => {
    const any = fc.record({
      variance: fc.double({ min: 1e-4, max: 10, noNaN: true }),
      count: fc.integer({ min: 4, max: 200 }),
      df: fc.integer({ min: 8, max: 300 }),
    });
    fc.assert(
      fc.property(any, (summary) => {
        const margin = marginOf(summary, 100);
        fc.pre(Number.isFinite(margin));
        expect(evidenceAbove({ ...summary, mean: margin * 1.05 }, 0)).toBeGreaterThanOrEqual(98);
        expect(evidenceAbove({ ...summary, mean: margin * 0.95 }, 0)).toBeLessThan(100);
      }),
    );
  });
});

describe('evidence of counts', () => {
  it('is the mixture over shares above the limit, integrated numerically', () => {
    const count = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(count, count, share, (hits, misses, limit) => {
        const likelihood = (theta: number) => hits * Math.log(theta) + misses * Math.log1p(-theta);
        const of = (theta: number) => Math.exp(likelihood(theta) - likelihood(limit));
        const reference = integrate(of, limit, 1) / (1 - limit);
        const evidence = evidenceOfMoreHits(hits, misses, limit);
        expect(Math.log(evidence + 1e-12)).toBeCloseTo(Math.log(reference + 1e-12), 2);
        expect(evidenceOfFewerHits(misses, hits, 1 - limit) / evidence).toBeCloseTo(1, 9);
      }),
      { numRuns: 80 },
    );
  });

  it('is expected to be 1 at the limit, exactly, at every n', () => {
    for (const [n, limit] of [
      [1, 0.3],
      [20, 0.05],
      [50, 0.5],
    ] as const) {
      let expected = 0;
      for (let hits = 0; hits <= n; hits += 1) {
        const choose = logGamma(n + 1) - logGamma(hits + 1) - logGamma(n - hits + 1);
        const probability = Math.exp(choose + hits * Math.log(limit) + (n - hits) * Math.log1p(-limit));
        expected += probability * evidenceOfMoreHits(hits, n - hits, limit);
      }
      expect(expected).toBeCloseTo(1, 6);
    }
  });
});

describe('bands around quantiles', () => {
  it('are as wide as the paper says, and infinite above while too little was seen', () => {
    expect(bandHalfWidth(3_000, 0.05)).toBeGreaterThan(0.045);
    expect(bandHalfWidth(3_000, 0.05)).toBeLessThan(0.055);
    const few = emptySketch();
    for (let value = 1; value <= 200; value += 1) addToSketch(few, value);
    expect(quantileRatio(few, few, 0.95, 0.05, 1)).toEqual({ low: 0, high: Number.POSITIVE_INFINITY });
  });

  it('hold the true ratio of two streams, and prove a doubled one', () => {
    const stream = (factor: number) => {
      const sketch = emptySketch();
      for (let at = 0; at < 40_000; at += 1) addToSketch(sketch, factor * (1 + ((at * 0.618034) % 1)));
      return sketch;
    };
    const [plain, doubled] = [stream(1), stream(2)];
    const truth = (quantileOf(doubled, 0.95) ?? 0) / (quantileOf(plain, 0.95) ?? 1);
    const { low, high } = quantileRatio(doubled, plain, 0.95, 0.05, 1);
    expect([low <= truth, truth <= high, low > 1.2]).toEqual([true, true, true]);
  });
});
