import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BACKOFF_FIRST_MS, BACKOFF_LONGEST_MS, backoffMs } from './backoff.ts';

test('every wait is within its ceiling, never above the longest, never nothing', () => {
  const rule = fc.property(
    fc.nat(10_000),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    (attempt, random) => {
      const ceilingMs = Math.min(BACKOFF_LONGEST_MS, BACKOFF_FIRST_MS * 2 ** attempt);
      const waitMs = backoffMs(attempt, random);
      expect(waitMs).toBeLessThanOrEqual(ceilingMs);
      expect(waitMs).toBeGreaterThanOrEqual(ceilingMs / 10);
    },
  );
  void fc.assert(rule);
});

test('waits grow to the longest, and chance spreads them', () => {
  expect([0, 1, 2, 20].map((attempt) => backoffMs(attempt, 0.999999))).toEqual([1000, 2000, 4000, 60_000]);
  expect(backoffMs(6, 0)).toBe(6_000);
});
