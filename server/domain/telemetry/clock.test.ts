import { expect, it } from 'vitest';
import { ago, NOW } from '../../testing/rollout-view.ts';
import { clockOffsetMs, correctedTime } from './clock.ts';

const nowMs = NOW.getTime();

it.each([
  ['the same clock', nowMs, 0],
  ['2 s of network', nowMs - 2_000, 0],
  ['more than the network', nowMs - 2_001, 2_001],
  ['a clock that is ahead', nowMs + 3_600_000, -3_600_000],
  ['a clock at its beginning', 0, nowMs],
])('%s', (_, sentAtMs, offset) => expect(clockOffsetMs(sentAtMs, NOW)).toBe(offset));

it('a device’s time is moved onto the server’s clock, and is never later than its arrival', () => {
  expect(correctedTime(nowMs - 90_000, 60_000, NOW)).toEqual(ago(30));
  expect(correctedTime(nowMs + 90_000, 0, NOW)).toEqual(NOW);
  expect(correctedTime(nowMs + 90_000, -100_000, NOW)).toEqual(ago(10));
});
