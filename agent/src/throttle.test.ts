import { expect, test, vi } from 'vitest';
import { Throttle } from './throttle.ts';

test('a burst is two acts, the first at once and the last after the interval; an urgent one never waits', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  let acts = 0;
  const throttle = new Throttle(2_000, () => (acts += 1));
  for (let n = 0; n < 100; n++) throttle.ask(false);
  expect(acts).toBe(1);
  vi.advanceTimersByTime(1_999);
  expect(acts).toBe(1);
  vi.advanceTimersByTime(1);
  expect(acts).toBe(2);
  throttle.ask(false);
  throttle.ask(true);
  expect(acts).toBe(3);
  vi.advanceTimersByTime(10_000);
  expect(acts).toBe(3);
  throttle.ask(false);
  throttle.ask(false);
  throttle.cancel();
  vi.advanceTimersByTime(10_000);
  expect(acts).toBe(4);
  vi.useRealTimers();
});
