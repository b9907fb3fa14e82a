import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Throttle } from './throttle.ts';

const LATER = { withinMs: 0, everyMs: 2_000 };
const AT_ONCE = { withinMs: 0, everyMs: 0 };
const SOON = { withinMs: 100, everyMs: 0 };

let acts = 0;
const throttle = () => new Throttle(() => (acts += 1));

beforeEach(() => {
  acts = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => void vi.useRealTimers());

test('a burst is two acts, the first at once and the last after the interval; what is to be done at once never waits', () => {
  const each = throttle();
  for (let n = 0; n < 100; n++) each.ask(LATER);
  expect(acts).toBe(1);
  vi.advanceTimersByTime(1_999);
  expect(acts).toBe(1);
  vi.advanceTimersByTime(1);
  expect(acts).toBe(2);
  each.ask(LATER);
  each.ask(AT_ONCE);
  expect(acts).toBe(3);
  vi.advanceTimersByTime(10_000);
  expect(acts).toBe(3);
  each.ask(LATER);
  each.ask(LATER);
  each.cancel();
  vi.advanceTimersByTime(10_000);
  expect(acts).toBe(4);
});

test('asks of one breath are one act, and none of them waits longer than its breath', () => {
  const each = throttle();
  each.ask(SOON);
  vi.advanceTimersByTime(99);
  for (let n = 0; n < 10; n++) each.ask(SOON);
  expect(acts).toBe(0);
  vi.advanceTimersByTime(1);
  expect(acts).toBe(1);
  each.ask(LATER);
  each.ask(SOON);
  vi.advanceTimersByTime(100);
  expect(acts).toBe(2);
  vi.advanceTimersByTime(10_000);
  expect(acts).toBe(2);
});

test('asks that do not end come at a pace, and the last is never lost', () => {
  const each = throttle();
  for (let n = 0; n < 24; n++) {
    each.ask({ withinMs: 100, everyMs: 500 });
    vi.advanceTimersByTime(50);
  }
  expect(acts).toBe(3);
  vi.advanceTimersByTime(500);
  expect(acts).toBe(4);
  vi.advanceTimersByTime(10_000);
  expect(acts).toBe(4);
});

test('an act that says it was none holds nothing up', () => {
  let isWilling = false;
  const each = new Throttle(() => {
    if (isWilling) acts += 1;
    return isWilling;
  });
  each.ask({ withinMs: 100, everyMs: 500 });
  vi.advanceTimersByTime(100);
  isWilling = true;
  each.ask({ withinMs: 100, everyMs: 500 });
  vi.advanceTimersByTime(99);
  expect(acts).toBe(0);
  vi.advanceTimersByTime(1);
  expect(acts).toBe(1);
});
