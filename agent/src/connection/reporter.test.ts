import type { DeviceFacts } from '@flotilla/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Reporter } from './reporter.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('a device that has said nothing for 30 s speaks, and one that spoke is not heard twice', async () => {
  const sent: string[] = [];
  const reporter = new Reporter({
    sendEvents: async () => undefined,
    isAwaited: () => false,
    publish: (payload) => sent.push(payload),
    state: () => ({ generation: 0, slots: {} }),
    facts: () => ({ hostname: 'quiet' }) as DeviceFacts,
  });
  reporter.breakSilence(60_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent, 'without a connection').toEqual([]);
  reporter.connected(1);
  await vi.advanceTimersByTimeAsync(1_000);
  reporter.breakSilence(29_999);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toHaveLength(1);
  reporter.breakSilence(30_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toHaveLength(2);
});

test('the stations of a way are told within two seconds, and its end within a breath, in place of them', async () => {
  const sent: string[] = [];
  let generation = 0;
  const reporter = new Reporter({
    sendEvents: async () => undefined,
    isAwaited: () => false,
    publish: (payload) => sent.push(payload),
    state: () => ({ generation, slots: {} }),
    facts: () => ({ hostname: 'slow' }) as DeviceFacts,
  });
  const generations = () => sent.map((each) => JSON.parse(each).generation);
  reporter.connected(1);
  await vi.advanceTimersByTimeAsync(2_000);
  for (generation = 1; generation <= 7; generation += 1) {
    reporter.changed('soon');
    await vi.advanceTimersByTimeAsync(150);
  }
  reporter.changed('now');
  await vi.advanceTimersByTimeAsync(99);
  expect(generations()).toEqual([0]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(generations()).toEqual([0, 8]);
  generation = 9;
  reporter.changed('soon');
  await vi.advanceTimersByTimeAsync(1_999);
  expect(generations()).toEqual([0, 8]);
  generation = 10;
  await vi.advanceTimersByTimeAsync(1);
  expect(generations()).toEqual([0, 8, 10]);
});

test('a server that is behind is told no stations for ten seconds, but the end of the way at once', async () => {
  const sent: string[] = [];
  let [generation, isAwaited] = [0, true];
  const reporter = new Reporter({
    sendEvents: async () => undefined,
    isAwaited: () => isAwaited,
    publish: (payload) => sent.push(payload),
    state: () => ({ generation, slots: {} }),
    facts: () => ({ hostname: 'one of many' }) as DeviceFacts,
  });
  const generations = () => sent.map((each) => JSON.parse(each).generation);
  reporter.connected(1);
  await vi.advanceTimersByTimeAsync(2_000);
  generation = 1;
  reporter.changed('soon');
  await vi.advanceTimersByTimeAsync(8_000);
  expect(generations()).toEqual([0]);
  generation = 2;
  reporter.changed('now');
  await vi.advanceTimersByTimeAsync(100);
  expect(generations()).toEqual([0, 2]);
  generation = 3;
  reporter.changed('soon');
  await vi.advanceTimersByTimeAsync(11_000);
  expect(generations()).toEqual([0, 2]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(generations()).toEqual([0, 2, 3]);
  generation = 4;
  reporter.changed('soon');
  await vi.advanceTimersByTimeAsync(3_000);
  isAwaited = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(generations()).toEqual([0, 2, 3, 4]);
});

test('a slot that falls again and again is told at a pace, the last time always', async () => {
  const sent: string[] = [];
  let generation = 0;
  const reporter = new Reporter({
    sendEvents: async () => undefined,
    isAwaited: () => false,
    publish: (payload) => sent.push(payload),
    state: () => ({ generation, slots: {} }),
    facts: () => ({ hostname: 'falling' }) as DeviceFacts,
  });
  reporter.connected(1);
  await vi.advanceTimersByTimeAsync(2_000);
  for (generation = 1; generation <= 8; generation += 1) {
    reporter.changed('now');
    await vi.advanceTimersByTimeAsync(150);
  }
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent.map((each) => JSON.parse(each).generation)).toEqual([0, 1, 4, 8]);
});

test('what happened is told before where it led to, and a report does not go out on a connection that ended meanwhile', async () => {
  const sent: string[] = [];
  const events = { release: (): void => undefined };
  const reporter = new Reporter({
    sendEvents: async () => {
      sent.push('events');
      await new Promise<void>((resolve) => {
        events.release = resolve;
      });
    },
    isAwaited: () => false,
    publish: () => sent.push('report'),
    state: () => ({ generation: 0, slots: {} }),
    facts: () => ({ hostname: 'busy' }) as DeviceFacts,
  });
  reporter.connected(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toEqual(['events']);
  events.release();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual(['events', 'report']);
  reporter.changed('now');
  await vi.advanceTimersByTimeAsync(1_000);
  reporter.disconnected();
  events.release();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual(['events', 'report', 'events']);
});

test('events that cannot be read keep no report back', async () => {
  const sent: string[] = [];
  const reporter = new Reporter({
    sendEvents: () => Promise.reject(new Error('EIO')),
    isAwaited: () => false,
    publish: (payload) => sent.push(payload),
    state: () => ({ generation: 0, slots: {} }),
    facts: () => ({ hostname: 'broken' }) as DeviceFacts,
  });
  reporter.connected(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toHaveLength(1);
});
