import { addToSketch, emptySketch, mergeSketch, quantileOf, sketchToWire } from '@flotilla/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSketchBytes, sketchFromBytes, sketchToBytes } from './sketch-bytes.ts';

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
    const [forth, back] = [emptySketch(), emptySketch()];
    for (const bytes of [sketchToBytes(a), sketchToBytes(b)]) addSketchBytes(forth, bytes);
    for (const bytes of [sketchToBytes(b), sketchToBytes(a)]) addSketchBytes(back, bytes);
    mergeSketch(a, b);
    expect(sketchToWire(forth)).toEqual(sketchToWire(a));
    for (const q of [0, 0.5, 0.95, 1]) expect(quantileOf(back, q)).toBe(quantileOf(a, q));
  });
  void fc.assert(rule, { numRuns: 500 });
});

test('counts beyond 32 bits survive', () => {
  const sketch = sketchOf([1, 2]);
  sketch.buckets = new Map([...sketch.buckets].map(([index]) => [index, 2 ** 40 + 1]));
  sketch.count = 2 * (2 ** 40 + 1);
  expect(sketchFromBytes(sketchToBytes(sketch)).count).toBe(sketch.count);
});
