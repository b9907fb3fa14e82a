import { Telemetry } from '@flotilla/protocol';
import { expect, it } from 'vitest';
import { LabelCounts } from './label-counts.ts';

const takes = (labelled: unknown) =>
  Telemetry.shape.windows.element.shape.labelled.safeParse(JSON.parse(JSON.stringify(labelled))).success;

it('adds up errors of answers, with their sign', () => {
  const counts = new LabelCounts();
  counts.addValue(3, 1);
  counts.addValue(1, 4);
  expect(counts.take()).toEqual({ n: 2, absErrorSum: 5, sqErrorSum: 13, errorSum: -1 });
  expect(counts.take()).toBeUndefined();
});

it.each([
  [1e308, -1e308],
  [-1e308, 1e308],
])('says of an answer of %s for %s what the protocol takes', (answer, actual) => {
  const counts = new LabelCounts();
  counts.addValue(answer, actual);
  counts.addValue(actual, answer);
  counts.addValue(2, 1);
  const labelled = counts.take();
  expect(labelled).toMatchObject({ n: 3 });
  expect(takes(labelled)).toBe(true);
});

it('says of more objects than a window may count as many as it may', () => {
  const counts = new LabelCounts();
  const found = { truePositives: [1e9], falsePositives: [0], falseNegatives: [2] };
  counts.addDetection(found);
  counts.addDetection(found);
  const labelled = counts.take();
  expect(labelled?.detection).toEqual({ truePositives: [1e9], falsePositives: [0], falseNegatives: [4] });
  expect(takes(labelled)).toBe(true);
});
