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

test('urgent asks of one breath are one act, and none of them waits longer than the breath', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  let acts = 0;
  const throttle = new Throttle(2_000, () => (acts += 1), { withinMs: 100, everyMs: 0 });
  throttle.ask(true);
  vi.advanceTimersByTime(99);
  for (let n = 0; n < 10; n++) throttle.ask(true);
  expect(acts).toBe(0);
  vi.advanceTimersByTime(1);
  expect(acts).toBe(1);
  throttle.ask(false);
  throttle.ask(true);
  vi.advanceTimersByTime(100);
  expect(acts).toBe(2);
  vi.advanceTimersByTime(10_000);
  expect(acts).toBe(2);
  vi.useRealTimers();
});

test('urgent asks that do not end come at a pace, and the last is never lost', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  let acts = 0;
  const throttle = new Throttle(2_000, () => (acts += 1), { withinMs: 100, everyMs: 500 });
  for (let n = 0; n < 24; n++) {
    throttle.ask(true);
    vi.advanceTimersByTime(50);
  }
  expect(acts).toBe(3);
  vi.advanceTimersByTime(500);
  expect(acts).toBe(4);
  vi.advanceTimersByTime(10_000);
  expect(acts).toBe(4);
  vi.useRealTimers();
});
