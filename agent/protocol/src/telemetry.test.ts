import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ReferenceProfile, Telemetry } from './index.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/v1/${name}.json`), 'utf8'));
const sketch = { zeroCount: 0, min: 1, max: 1, sum: 1, buckets: [0, 1] };

describe('what a window says of inputs, answers and labels', () => {
  const withWindow = (part: Record<string, unknown>) => {
    const message = read('telemetry-monitored');
    return { ...message, windows: [{ ...message.windows[0], ...part }] };
  };
  const found = { truePositives: [1], falsePositives: [1], falseNegatives: [1] };
  const estimated = {
    n: 2,
    truePositives: [1, 0.5],
    falsePositives: [0, 0.5],
    falseNegatives: [0.5, 0],
    variance: 0.25,
  };
  it.each([
    ['a feature with counts and a sketch', { inputs: { a: { counts: [1], positive: sketch } } }],
    ['a feature with neither', { inputs: { a: { missing: 1 } } }],
    ['a negative count', { inputs: { a: { counts: [-1] } } }],
    ['65 bins', { inputs: { a: { counts: Array.from({ length: 65 }, () => 1) } } }],
    ['33 features', { inputs: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`f${at}`, { counts: [1] }])) }],
    ['a feature named by a path', { inputs: { '../a': { counts: [1] } } }],
    ['lists of other lengths', { outputs: { estimated: { ...estimated, falseNegatives: [1] } } }],
    ['a prediction without an id', { predictions: [{ at: 1, class: 1 }] }],
    ['a confidence above 1', { predictions: [{ id: 'a', at: 1, confidence: 1.5 }] }],
    ['more inferences than any device does', { inferences: 1e9 + 1 }],
    ['more energy than any device draws', { energyJ: 1e300 }],
    ['more labels than any device has', { labelled: { n: 1e9 + 1 } }],
    ['more objects than any device finds', { labelled: { n: 1, detection: { ...found, falsePositives: [1e9 + 1] } } }],
    ['an answer more often than any device gives it', { outputs: { classCounts: [1e9 + 1] } }],
    ['a feature more often than any device reads it', { inputs: { a: { counts: [1e9 + 1] } } }],
    ['more inputs missing than any device reads', { inputs: { a: { counts: [1], missing: 1e9 + 1 } } }],
    ['more unsure answers than any device gives', { outputs: { unsure: 1e9 + 1 } }],
    ['more confidence in one bin than any device has', { outputs: { confidence: [1e9 + 1, ...Array(19).fill(0)] } }],
    ['an estimate of more answers than any device gives', { outputs: { estimated: { ...estimated, n: 1e9 + 1 } } }],
    ['an estimate with a variance that is no answers’', { outputs: { estimated: { ...estimated, variance: 1e300 } } }],
    [
      'an estimate of more right answers than there are',
      { outputs: { estimated: { ...estimated, truePositives: [1e300, 0] } } },
    ],
    [
      'more labels of one kind than any device has',
      { labelled: { n: 1, confusion: { classes: 2, counts: [1e9 + 1, 0, 0, 0] } } },
    ],
    ['a bias whose sums are not finite', { labelled: { n: 1, errorSum: -1e101 } }],
    ['half an input', { inputs: { a: { counts: [0.5] } } }],
    ['a sum of errors whose sums are not finite', { labelled: { n: 1, sqErrorSum: 1e101 } }],
    ['65 predictions', { predictions: Array.from({ length: 65 }, (_, at) => ({ id: `${at}`, at: 1 })) }],
  ])('%s is refused', (_, part) => {
    expect(Telemetry.safeParse(withWindow(part)).success).toBe(false);
  });

  it.each([
    ['counts on the edges of a profile', { inputs: { a: { counts: [1, 0, 3] } } }],
    ['negative values alone', { inputs: { a: { negative: sketch } } }],
    ['an estimate', { outputs: { estimated } }],
  ])('%s are taken', (_, part) => {
    expect(Telemetry.safeParse(withWindow(part)).success).toBe(true);
  });
});

describe('a reference profile', () => {
  const profile = () => read('reference-profile');
  const [feature] = profile().features;
  const curve = { x: [0, 1], y: [0, 1] };
  it.each([
    ['edges that do not grow', { features: [{ ...feature, edges: [1, 1, 2, 3, 4, 5] }] }],
    ['one count too few', { features: [{ ...feature, counts: [1, 2] }] }],
    ['two features of one name', { features: [feature, feature] }],
    ['two curves for four classes', { calibration: { classes: 4, curves: [curve, curve] } }],
    ['a curve that falls', { calibration: { classes: 2, curves: [{ x: [0, 1], y: [1, 0] }] } }],
    ['19 bins of confidence', { outputs: { confidence: Array.from({ length: 19 }, () => 1) } }],
  ])('with %s is refused', (_, part) => {
    expect(ReferenceProfile.safeParse({ ...profile(), ...part }).success).toBe(false);
  });
});
