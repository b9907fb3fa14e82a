import { addToSketch, emptySketch, mergeSketch, quantileOf, sketchToWire } from '@flotilla/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addUpBytes, sketchFromBytes, sketchToBytes } from './sketch-bytes.ts';

const values = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-10, max: 1e9, noNaN: true })), { maxLength: 200 });
const sketchOf = (numbers: readonly number[]) => {
  const sketch = emptySketch();
  for (const number of numbers) addToSketch(sketch, number);
  return sketch;
};

test('what was stored is read back, to the bit', () => {
  const rule = fc.property(values, (numbers) => {
    const sketch = sketchOf(numbers);
    expect(sketchToWire(sketchFromBytes(sketchToBytes(sketch)))).toEqual(sketchToWire(sketch));
  });
  void fc.assert(rule, { numRuns: 500 });
});

test('adding stored sketches up is merging them, in any order', () => {
  const rule = fc.property(values, values, (first, second) => {
    const [a, b] = [sketchOf(first), sketchOf(second)];
    const forth = sketchFromBytes(Buffer.concat([sketchToBytes(a), sketchToBytes(b)]));
    const back = sketchFromBytes(Buffer.concat([sketchToBytes(b), sketchToBytes(a)]));
    mergeSketch(a, b);
    expect(sketchToWire(forth)).toEqual(sketchToWire(a));
    for (const q of [0, 0.5, 0.95, 1]) expect(quantileOf(back, q)).toBe(quantileOf(a, q));
  });
  void fc.assert(rule, { numRuns: 500 });
});

test('bytes one after another stand for the sum, and adding them up leaves the same in one', () => {
  const rule = fc.property(fc.array(values, { maxLength: 6 }), (all) => {
    const parts = all.map((numbers) => sketchToBytes(sketchOf(numbers)));
    const merged = emptySketch();
    for (const numbers of all) mergeSketch(merged, sketchOf(numbers));
    const appended = Buffer.concat(parts);
    const added = addUpBytes(parts);
    expect(sketchToWire(sketchFromBytes(appended))).toEqual(sketchToWire(merged));
    expect(sketchToWire(sketchFromBytes(added))).toEqual(sketchToWire(merged));
    expect(Buffer.from(addUpBytes([appended]))).toEqual(Buffer.from(added));
    expect(Buffer.from(added)).toEqual(Buffer.from(sketchToBytes(merged)));
  });
  void fc.assert(rule, { numRuns: 300 });
});

test.each([[[0]], [[0, 1, 2]], [[255, 255, 0]], [new Array(26).fill(0)]])('%j is no sketch', (bytes) => {
  expect(() => sketchFromBytes(Uint8Array.from(bytes))).toThrow(RangeError);
});

test('counts beyond 32 bits survive', () => {
  const sketch = sketchOf([1, 2]);
  sketch.buckets = new Map([...sketch.buckets].map(([index]) => [index, 2 ** 40 + 1]));
  sketch.count = 2 * (2 ** 40 + 1);
  expect(sketchFromBytes(sketchToBytes(sketch)).count).toBe(sketch.count);
});
