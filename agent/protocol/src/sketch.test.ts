import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addToSketch,
  emptySketch,
  meanOf,
  mergeSketch,
  mergeWires,
  quantileOf,
  quantileOfWire,
  SKETCH_ALPHA,
  type Sketch,
  SketchWire,
  sketchFromWire,
  sketchToWire,
} from './sketch.ts';

const values = fc.array(fc.oneof(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), fc.constant(0)), {
  minLength: 1,
  maxLength: 300,
});
const sketchOf = (given: readonly number[]): Sketch => {
  const sketch = emptySketch();
  for (const value of given) addToSketch(sketch, value);
  return sketch;
};
const lowerQuantile = (given: readonly number[], q: number) =>
  given.toSorted((a, b) => a - b)[Math.floor(q * (given.length - 1))] ?? Number.NaN;
const counts = ({ buckets, zeroCount, count, min, max }: Sketch) => ({
  zeroCount,
  count,
  min,
  max,
  buckets: [...buckets].sort(([a], [b]) => a - b),
});

describe('a sketch', () => {
  it('gives every quantile within 1 % of the exact one', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, q) => {
        const exact = lowerQuantile(given, q);
        const found = quantileOf(sketchOf(given), q) ?? Number.NaN;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(SKETCH_ALPHA * exact + 1e-12);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same in whatever order it was merged, and as if all had come to one place', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const [forth, back] = [emptySketch(), emptySketch()];
        for (const part of [a, b, c]) mergeSketch(forth, sketchOf(part));
        for (const part of [c, a, b]) mergeSketch(back, sketchOf(part));
        expect(counts(forth)).toEqual(counts(back));
        expect(counts(forth)).toEqual(counts(sketchOf([...a, ...b, ...c])));
      }),
    );
  });

  it('survives the wire', () => {
    fc.assert(
      fc.property(values, (given) => {
        const wire = SketchWire.parse(JSON.parse(JSON.stringify(sketchToWire(sketchOf(given)))));
        expect(counts(sketchFromWire(wire))).toEqual(counts(sketchOf(given)));
        for (const q of [0, 0.5, 0.99, 1]) expect(quantileOfWire(wire, q)).toBe(quantileOf(sketchOf(given), q));
      }),
    );
    expect(sketchFromWire(SketchWire.parse(sketchToWire(emptySketch())))).toEqual({ ...emptySketch() });
  });

  it('is added up on the wire as in memory', () => {
    const some = fc.oneof(values, fc.constant([]));
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [one, other] = [a, b].map((given) => sketchToWire(sketchOf(given))) as [SketchWire, SketchWire];
        const merged = SketchWire.parse(mergeWires(one, other));
        expect(counts(sketchFromWire(merged))).toEqual(counts(sketchOf([...a, ...b])));
        expect(merged.sum).toBe(one.sum + other.sum);
      }),
    );
  });

  it('says nothing of nothing, and knows its mean', () => {
    expect([quantileOf(emptySketch(), 0.5), meanOf(emptySketch())]).toEqual([null, null]);
    expect(meanOf(sketchOf([1, 2, 6]))).toBe(3);
    expect(quantileOf(sketchOf([0, 0, 5]), 0.5)).toBe(0);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('takes no %d', (value) => {
    expect(() => addToSketch(emptySketch(), value)).toThrow(RangeError);
  });

  it.each([
    ['an odd list', [1]],
    ['indexes that do not grow', [2, 1, 2, 1]],
    ['a count of nought', [1, 0]],
    ['an index out of range', [1025, 1]],
    ['fractions', [1, 1.5]],
  ])('does not come from %s', (_, buckets) => {
    expect(SketchWire.safeParse({ zeroCount: 0, min: 1, max: 1, sum: 1, buckets }).success).toBe(false);
  });
});
