import { Calibration, ReferenceProfile, sketchFromWire, Window } from '@flotilla/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAnswers } from '../answers.ts';
import type { TensorData } from '../tensor-data.ts';
import { calibrate } from './estimate.ts';
import { samplesOf, statsOf } from './feature-values.ts';
import { newInferenceId } from './inference-id.ts';
import { Monitor, type MonitorOptions, type Observation } from './monitor.ts';

const floats = (dims: number[], values: number[]): TensorData => ({
  type: 'float32',
  dims,
  data: Float32Array.from(values),
});
const create = (changes: Partial<MonitorOptions> = {}) =>
  new Monitor({ profile: null, inputs: [], labels: null, random: () => 0.5, clockMs: () => 0, ...changes });
const seen = (changes: Partial<Observation> = {}): Observation => ({
  id: 'a',
  at: 1,
  inputs: {},
  outputs: {},
  reading: null,
  ...changes,
});
const classes = (...rows: number[][]) =>
  readAnswers({ p: floats([rows.length, rows[0]?.length ?? 0], rows.flat()) }, []);
const profileOf = (features: object[], more: object = {}) =>
  ReferenceProfile.parse({ v: 1, samples: 10, features, ...more });
const feature = (name: string, of: object, edges: number[], input = 'x') => ({
  ...{ name, input, of, edges },
  counts: Array.from({ length: edges.length + 1 }, () => 1),
});

test('values fall into the bins of the reference: below the first edge, from an edge on, and missing when not finite', () => {
  const profile = profileOf([feature('t', { element: 1 }, [0, 1, 2]), feature('gone', { element: 9 }, [0], 'y')]);
  const monitor = create({ profile, inputs: [{ name: 'x', shape: [-1, 2] }] });
  const rows = [-5, 0, 0.5, 1, 2, 99, Number.NaN, Number.POSITIVE_INFINITY];
  monitor.add(
    seen({
      inputs: {
        x: floats(
          [rows.length, 2],
          rows.flatMap((value) => [7, value]),
        ),
      },
    }),
  );
  expect(monitor.take().inputs).toEqual({
    t: { counts: [1, 2, 1, 2], missing: 2 },
    gone: { counts: [0, 0], missing: 1 },
  });
  expect(monitor.take()).toEqual({});
});

test('the statistics of a sample are those of its elements, however far from zero they lie', () => {
  const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 33 }), fc.constantFrom(0, 1e6), (values, offset) => {
      const numbers = Float64Array.from(values, (each) => each + offset);
      const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
      const variance = numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0) / numbers.length;
      const stats = statsOf(numbers, 0, numbers.length);
      expect(stats.mean).toBeCloseTo(mean, 5);
      expect(stats.sd).toBeCloseTo(Math.sqrt(variance), 3);
      expect([stats.min, stats.max]).toEqual([Math.min(...numbers), Math.max(...numbers)]);
    }),
  );
  expect(statsOf([1, Number.NaN, 3], 0, 3).max).toBeNaN();
});

test('the first dimension counts samples only where the model leaves it open or fixes it to one', () => {
  const image = floats([3, 2, 2], Array(12).fill(1));
  expect(samplesOf([3, 2, 2], image)).toMatchObject({ rows: 1, width: 12 });
  expect(samplesOf([-1, 2, 2], image)).toMatchObject({ rows: 3, width: 4 });
  expect(samplesOf([-1], floats([5], [1, 2, 3, 4, 5]))).toMatchObject({ rows: 1, width: 5 });
});

test('without a reference a small vector is sketched by element, a larger input by mean and spread, eight features at most', () => {
  const vector = create();
  vector.add(seen({ inputs: { 'in/put': floats([2, 3], [1, -2, 0, 3, -4, Number.NaN]) } }));
  const { inputs } = vector.take();
  expect(Object.keys(inputs ?? {})).toEqual(['in_put[0]', 'in_put[1]', 'in_put[2]']);
  expect(inputs?.['in_put[0]']).toMatchObject({ positive: { sum: 4 } });
  expect(inputs?.['in_put[1]']).toMatchObject({ positive: { sum: 0 }, negative: { min: 2, max: 4, sum: 6 } });
  expect(inputs?.['in_put[2]']).toMatchObject({ positive: { zeroCount: 1 }, missing: 1 });

  const many = create();
  const tensors = Object.fromEntries(
    Array.from({ length: 6 }, (_, n) => [`i${n}`, floats([1, 20], Array(20).fill(n))]),
  );
  many.add(seen({ inputs: tensors }));
  const counted = many.take().inputs ?? {};
  expect(Object.keys(counted)).toEqual([
    'i0.mean',
    'i0.sd',
    'i1.mean',
    'i1.sd',
    'i2.mean',
    'i2.sd',
    'i3.mean',
    'i3.sd',
  ]);
  expect(sketchFromWire(counted['i3.mean']?.positive ?? never()).sum).toBe(3);
});

test('large inputs are looked at a few times a second, and integers of 64 bits as well', () => {
  let clock = 0;
  const monitor = create({ clockMs: () => clock });
  const large = floats([1, 40_000], Array(40_000).fill(2));
  for (clock of [0, 50, 199, 200]) monitor.add(seen({ inputs: { x: large } }));
  expect(monitor.take().inputs?.['x.mean']?.positive?.sum).toBe(4);
  const wide = create();
  wide.add(seen({ inputs: { n: { type: 'int64', dims: [1, 1], data: BigInt64Array.from([5n]) } } }));
  expect(wide.take().inputs?.['n[0]']?.positive?.sum).toBe(5);
});

test('the estimated accuracy is what the calibrated probabilities promise', () => {
  const calibration = { classes: 2, curves: [{ x: [0, 0.5, 1], y: [0.1, 0.5, 0.7] }] };
  const monitor = create({ profile: profileOf([], { calibration }) });
  monitor.add(seen({ reading: classes([0.75, 0.25], [0.5, 0.5]) }));
  // By hand: 0.75 → 0.6 and 0.25 → 0.3, which sum to 0.9; 0.5 and 0.5 stay.
  const [p, q] = [0.6 / 0.9, 0.3 / 0.9];
  const { estimated } = Window.shape.outputs.parse(monitor.take().outputs) ?? {};
  expect(estimated?.n).toBe(2);
  expect(estimated?.truePositives[0]).toBeCloseTo(p + 0.5, 5);
  expect(estimated?.falsePositives[0]).toBeCloseTo(q + 0.5, 5);
  expect(estimated?.falseNegatives[1]).toBeCloseTo(q + 0.5, 5);
  expect(estimated?.variance).toBeCloseTo(p * q + 0.25, 5);
});

test('calibrated probabilities sum to one, each class by its own curve', () => {
  const point = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(point, { minLength: 3, maxLength: 3 }), ([a, b, c]) => {
      const curve = ([y1, y2]: [number, number]) => ({ x: [0.2, 0.8], y: [Math.min(y1, y2), Math.max(y1, y2)] });
      const curves = [a, b, c].map((each) => curve(each ?? [0, 1]));
      const result = calibrate(Calibration.parse({ classes: 3, curves }), [0.2, 0.5, 0.3]);
      expect(result.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);
    }),
  );
  expect(calibrate({ classes: 2, curves: [{ x: [0, 1], y: [0, 0] }] }, [0.9, 0.1])).toEqual([0.9, 0.1]);
});

test('a regression’s labels become its errors, with their sign', () => {
  const monitor = create();
  const values = (value: number) => readAnswers({ y: floats([1, 1], [value]) }, []);
  monitor.add(seen({ id: 'a', reading: values(3), label: '1' }));
  monitor.add(seen({ id: 'b', reading: values(2) }));
  expect([monitor.label('b', 5), monitor.label('b', 5), monitor.label('c', 5)]).toEqual([
    'counted',
    'repeated',
    'unknown',
  ]);
  expect(monitor.take().labelled).toEqual({ n: 2, absErrorSum: 5, sqErrorSum: 13, errorSum: -1 });
});

test('an open list of numbers is a regression of many samples, a fixed one a classification', () => {
  const four = { y: floats([4], [1, 2, 3, 4]) };
  expect(readAnswers(four, [{ name: 'y', shape: [-1] }])).toMatchObject({ kind: 'values', values: [1, 2, 3, 4] });
  expect(readAnswers(four, [{ name: 'y', shape: [4] }])).toMatchObject({ kind: 'classes', classes: 4 });
});

test('late labels of classes and of detections are counted once, and one that does not fit is told', () => {
  const monitor = create({ labels: ['ok', 'crack'] });
  monitor.add(seen({ id: 'a', reading: classes([0.9, 0.1]) }));
  monitor.add(seen({ id: 'd' }));
  expect(monitor.label('a', 'hole')).toBe('unfit');
  expect(monitor.label('a', 'crack')).toBe('counted');
  expect(monitor.label('d', { truePositives: [2], falsePositives: [1], falseNegatives: [0] })).toBe('counted');
  expect(monitor.take().labelled).toEqual({
    n: 2,
    correct: 0,
    confusion: { classes: 2, counts: [0, 0, 1, 0] },
    detection: { truePositives: [2], falsePositives: [1], falseNegatives: [0] },
  });
});

test('single answers are kept as the server asks: unsure ones first, up to the cap, and none unasked', () => {
  const monitor = create({ random: () => 0.1 });
  const answers = () => {
    for (const [n, p] of [0.99, 0.98, 0.97, 0.55, 0.6].entries()) {
      monitor.add(seen({ id: `r${n}`, at: n, reading: classes([p, 1 - p]) }));
    }
    const { predictions, outputs } = monitor.take();
    unsure = outputs?.unsure;
    return predictions;
  };
  let unsure: number | undefined;
  expect(answers()).toBeUndefined();
  expect(unsure).toBeUndefined();
  monitor.sampling = { share: 0.5, lowConfidenceBelow: 0.7, maxPerWindow: 3 };
  const kept = answers();
  expect(kept?.slice(0, 2).map(({ id }) => id)).toEqual(['r3', 'r4']);
  expect(kept).toHaveLength(3);
  expect(unsure).toBe(2);
  expect(kept?.[0]).toEqual({ id: 'r3', at: 3, class: 0, confidence: expect.closeTo(0.55, 5), unsure: true });
  expect(kept?.[2]).not.toHaveProperty('unsure');
  monitor.sampling = { share: 0, maxPerWindow: 3 };
  expect(answers()).toBeUndefined();
});

test('unsure answers leave half of the places to those drawn by chance, and the other way around', () => {
  const monitor = create({ random: () => 0.3 });
  const kept = (unsure: number, sure: number) => {
    monitor.sampling = { share: 1, lowConfidenceBelow: 0.7, maxPerWindow: 8 };
    for (let n = 0; n < unsure + sure; n++) {
      const p = n < unsure ? 0.6 : 0.9;
      monitor.add(seen({ id: `${n}`, reading: classes([p, 1 - p]) }));
    }
    const predictions = monitor.take().predictions ?? [];
    return [predictions.filter((each) => each.unsure).length, predictions.length];
  };
  expect(kept(100, 100)).toEqual([4, 8]);
  expect(kept(100, 1)).toEqual([7, 8]);
  expect(kept(1, 100)).toEqual([1, 8]);
  expect(kept(2, 3)).toEqual([2, 5]);
});

test('every answer of a window has the same chance to be kept', () => {
  let draws = 0;
  const monitor = create({
    random: () => {
      draws += 1;
      return (draws * 0.618_033_988_7) % 1;
    },
  });
  monitor.sampling = { share: 1, maxPerWindow: 8 };
  let early = 0;
  for (let round = 0; round < 200; round++) {
    for (let n = 0; n < 80; n++) monitor.add(seen({ id: `${n}`, reading: classes([0.9, 0.1]) }));
    early += (monitor.take().predictions ?? []).filter(({ id }) => Number(id) < 40).length;
  }
  // 1,600 kept, half of them of the first half of the window; four standard deviations are 80.
  expect(Math.abs(early - 800)).toBeLessThan(80);
  monitor.sampling = { share: 1, lowConfidenceBelow: 0.7, maxPerWindow: 8 };
  let earlySure = 0;
  for (let round = 0; round < 400; round++) {
    for (let n = 0; n < 160; n++) {
      const p = n % 2 === 0 ? 0.6 : 0.9;
      monitor.add(seen({ id: `${n}`, reading: classes([p, 1 - p]) }));
    }
    earlySure += (monitor.take().predictions ?? []).filter(({ id, unsure }) => !unsure && Number(id) < 80).length;
  }
  expect(Math.abs(earlySure - 800)).toBeLessThan(80);
});

test('an id is a UUIDv7 of its time', () => {
  expect(newInferenceId(Date.UTC(2026, 10, 21))).toMatch(/^01a1fb67-1800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

function never(): never {
  throw new Error('nothing was counted');
}
