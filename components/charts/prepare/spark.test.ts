import { expect, it } from 'vitest';
import { evenly, sparkPath, stepOfPoints } from './spark.ts';

it.each([
  [[0, 10], 'M0.0 16.0L84.0 0.0'],
  [[0, null, 10, 5], 'M0.0 16.0M56.0 0.0L84.0 8.0'],
  [[5, 5], 'M0.0 8.0L84.0 8.0'],
  [[null, null], ''],
  [[], ''],
])('%j', (values, path) => expect(sparkPath(values, 84, 16)).toBe(path));

it('keeps a missing bucket empty and drops what lies outside the range', () => {
  const points = [
    { t: 0, value: 1 },
    { t: 20, value: 3 },
    { t: 90, value: 9 },
  ];
  expect(evenly(points, { from: 0, to: 40, stepMs: 10 })).toEqual([1, null, 3, null]);
  expect(stepOfPoints(points)).toBe(20);
  expect(stepOfPoints(points.slice(0, 1))).toBeNull();
});
