import { expect, it } from 'vitest';
import { emptyHour } from '../drift/hour-sums.ts';
import { HOUR_MS } from '../drift/watch.ts';
import { accuracyOverTime, accuracyStepMs } from './over-time.ts';

const DAY_MS = 24 * HOUR_MS;
const cell = (atHour: number, actual: number, n: number) => ({
  at: new Date(atHour * HOUR_MS),
  isUnsure: false,
  predicted: 1,
  actual,
  n,
  absErrorSum: 0,
  sqErrorSum: 0,
  errorSum: 0,
});
const estimatedHour = (atHour: number, hits: number) => ({
  hourAt: new Date(atHour * HOUR_MS),
  sums: {
    ...emptyHour(),
    estimated: { n: 100, truePositives: [hits], falsePositives: [0], falseNegatives: [0], variance: 0 },
  },
});

it('steps are hours, and longer ones that divide a day where there would be more than an eye tells apart', () => {
  const steps = [HOUR_MS, 4 * DAY_MS, 4 * DAY_MS + 1, 7 * DAY_MS, 30 * DAY_MS, 93 * DAY_MS].map(accuracyStepMs);
  expect(steps.map((stepMs) => stepMs / HOUR_MS)).toEqual([1, 1, 3, 3, 12, 24]);
});

it('a step adds up its hours, and says nothing of what it does not know', () => {
  const hours = [estimatedHour(6, 80), estimatedHour(7, 90), estimatedHour(12, 70)];
  const points = accuracyOverTime(hours, [cell(6, 1, 300), cell(6, 0, 100), cell(0, 1, 5)], null, 6 * HOUR_MS);
  expect(points.map(({ at }) => at.getTime() / HOUR_MS)).toEqual([0, 6, 12]);
  const [first, second, third] = points;
  expect(first).toMatchObject({ measured: { share: 1, n: 5 }, estimated: null });
  expect(second).toMatchObject({ measured: { share: 0.75, n: 400 }, estimated: { share: 0.85, n: 200 } });
  expect(third).toMatchObject({ measured: null, estimated: { share: 0.7, low: 0.7, high: 0.7, n: 100 } });
});
