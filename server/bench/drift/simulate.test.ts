import { expect, it } from 'vitest';
import { randomOf } from '../gates/random.ts';
import { type Course, simulateCourses } from './simulate.ts';

const courses = (times: number, course: Course, seed: number) => {
  return simulateCourses(times, course, randomOf(seed));
};
const share = (results: ReturnType<typeof courses>, is: (result: (typeof results)[number]) => boolean) =>
  results.filter(is).length / results.length;

it.each([
  ['one feature, 200 samples an hour', { features: 1, perHour: 200, reference: 10_000, hours: 24 }],
  ['eight features, 200 samples an hour', { features: 8, perHour: 200, reference: 10_000, hours: 24 }],
  ['a learned reference of 2,000 samples', { features: 4, perHour: 250, reference: 2_000, hours: 24 }],
])('false alarms are at most 1 %% of days without drift: %s', (_, course) => {
  const days = courses(100, course, 7);
  expect(share(days, ({ hour }) => hour !== null)).toBeLessThanOrEqual(0.01);
});

it('the fixed limit of the field is crossed on most of the same days when samples are few', () => {
  const days = courses(50, { features: 8, perHour: 100, reference: 10_000, hours: 24 }, 7);
  expect(share(days, ({ naiveHour }) => naiveHour !== null)).toBeGreaterThan(0.9);
});

it('a feature moved by half its spread is found within four hours, nearly always', () => {
  const course = { features: 8, perHour: 300, reference: 10_000, hours: 24, drift: { shift: 0.5, spread: 1 } };
  expect(share(courses(50, course, 7), ({ hour }) => hour !== null && hour <= 4)).toBeGreaterThanOrEqual(0.9);
});

it('a feature that spreads twice as wide is found in two windows', () => {
  const course = { features: 8, perHour: 300, reference: 10_000, hours: 24, drift: { shift: 0, spread: 2 } };
  expect(share(courses(50, course, 7), ({ hour }) => hour === 2)).toBeGreaterThanOrEqual(0.95);
});

it.each([
  ['counted on edges', 5_000],
  ['sketched, with a learned reference', 'learned'],
] as const)(
  'samples that are each like the one before give no more false alarms, where the fixed limit gives them nearly every day: %s',
  (_, reference) => {
    const days = courses(60, { features: 2, perHour: 600, reference, hours: 24, likeness: 0.9 }, 7);
    expect(share(days, ({ hour }) => hour !== null)).toBeLessThanOrEqual(0.01);
    expect(share(days, ({ naiveHour }) => naiveHour !== null)).toBeGreaterThan(0.9);
  },
);

it.each([
  ['counted on edges', 5_000],
  ['sketched, with a learned reference', 'learned'],
] as const)(
  'half a spread is found within eight hours though each sample is like the one before: %s',
  (_, reference) => {
    const drift = { shift: 0.5, spread: 1 };
    const days = courses(20, { features: 2, perHour: 600, reference, hours: 24, likeness: 0.8, drift }, 7);
    expect(share(days, ({ hour }) => hour !== null && hour <= 8)).toBeGreaterThanOrEqual(0.9);
  },
);
