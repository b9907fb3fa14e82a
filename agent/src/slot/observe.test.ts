import { expect, test } from 'vitest';
import { makeRelease } from '../testing/release.ts';
import { judgeObservation, observe } from './observe.ts';

const never = new AbortController().signal;
const limits = { seconds: 10, maxErrorRate: 0.05, maxCrashes: 1, maxLatencyP95Ms: 20 };
const totals = (inferences: number, failures = 0, latencyP95Ms = 5) => ({ inferences, failures, latencyP95Ms });

test.each([
  ['more crashes than allowed', { crashes: 2, totals: totals(100) }, 'observe.crashes'],
  ['crashes of a runner that answers no more', { crashes: 2, totals: null }, 'observe.crashes'],
  ['more failures than allowed', { crashes: 0, totals: totals(94, 6) }, 'observe.errors'],
  ['only failures', { crashes: 0, totals: { inferences: 0, failures: 20 } }, 'observe.errors'],
  ['slower than allowed', { crashes: 0, totals: totals(100, 0, 20.1) }, 'observe.latency'],
])('%s: the device goes back', (_, watched, code) => {
  expect(() => judgeObservation(watched, limits)).toThrow(expect.objectContaining({ code }));
});

test.each([
  ['as many crashes as allowed', { crashes: 1, totals: totals(100) }],
  ['as many failures as allowed', { crashes: 0, totals: totals(95, 5) }],
  ['as slow as allowed', { crashes: 0, totals: totals(100, 0, 20) }],
  ['too few requests to say anything', { crashes: 0, totals: totals(10, 9, 99) }],
  ['too few answers for a quantile, among enough requests', { crashes: 0, totals: totals(19, 1, 99) }],
  ['a runner that does not count', { crashes: 0, totals: null }],
])('%s: it stays', (_, watched) => {
  expect(() => judgeObservation(watched, limits)).not.toThrow();
});

test('without a limit of its own, latency is not judged', () => {
  const { maxLatencyP95Ms: _, ...open } = limits;
  expect(() => judgeObservation({ crashes: 0, totals: totals(100, 0, 9_999) }, open)).not.toThrow();
});

test('it looks until the time is over, and once more then', async () => {
  const release = makeRelease(1, { observe: { seconds: 1, maxErrorRate: 0.05, maxCrashes: 0 } });
  let now = 0;
  let looks = 0;
  const watch = async () => {
    now += 500;
    looks += 1;
    return { crashes: 0, totals: null };
  };
  await observe(release, 1_000, { watch, now: () => now }, never);
  expect(looks).toBe(2);
});
