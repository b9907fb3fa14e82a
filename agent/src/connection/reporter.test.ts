import type { DeviceFacts } from '@flotilla/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Reporter, type ReporterPorts } from './reporter.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A reporter, what it sent, and a device whose generation tells its reports apart. */
function setUp(ports: Partial<ReporterPorts> = {}) {
  const sent: string[] = [];
  const device = { generation: 0, isAwaited: false };
  const reporter = new Reporter({
    sendEvents: async () => undefined,
    isAwaited: () => device.isAwaited,
    publish: (payload) => sent.push(payload),
    state: () => ({ generation: device.generation, slots: {} }),
    facts: () => ({ hostname: 'reporting' }) as DeviceFacts,
    ...ports,
  });
  return { reporter, sent, device, generations: () => sent.map((each) => JSON.parse(each).generation) };
}

test('a device that has said nothing for 30 s speaks, and one that spoke is not heard twice', async () => {
  const { reporter, sent } = setUp();
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
  const { reporter, device, generations } = setUp();
  reporter.connected(1);
  await vi.advanceTimersByTimeAsync(2_000);
  for (device.generation = 1; device.generation <= 7; device.generation += 1) {
    reporter.changed('soon');
    await vi.advanceTimersByTimeAsync(150);
  }
  reporter.changed('now');
  await vi.advanceTimersByTimeAsync(99);
  expect(generations()).toEqual([0]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(generations()).toEqual([0, 8]);
  device.generation = 9;
  reporter.changed('soon');
  await vi.advanceTimersByTimeAsync(1_999);
  expect(generations()).toEqual([0, 8]);
  device.generation = 10;
  await vi.advanceTimersByTimeAsync(1);
  expect(generations()).toEqual([0, 8, 10]);
});

test('a server that is behind is told no stations for ten seconds, but the end of the way at once', async () => {
  const { reporter, device, generations } = setUp();
  device.isAwaited = true;
  reporter.connected(1);
  await vi.advanceTimersByTimeAsync(2_000);
  device.generation = 1;
  reporter.changed('soon');
  await vi.advanceTimersByTimeAsync(8_000);
  expect(generations()).toEqual([0]);
  device.generation = 2;
  reporter.changed('now');
  await vi.advanceTimersByTimeAsync(100);
  expect(generations()).toEqual([0, 2]);
  device.generation = 3;
  reporter.changed('soon');
  await vi.advanceTimersByTimeAsync(11_000);
  expect(generations()).toEqual([0, 2]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(generations()).toEqual([0, 2, 3]);
  device.generation = 4;
  reporter.changed('soon');
  await vi.advanceTimersByTimeAsync(3_000);
  device.isAwaited = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(generations()).toEqual([0, 2, 3, 4]);
});

test('a slot that falls again and again is told at a pace, the last time always', async () => {
  const { reporter, device, generations } = setUp();
  reporter.connected(1);
  await vi.advanceTimersByTimeAsync(2_000);
  for (device.generation = 1; device.generation <= 8; device.generation += 1) {
    reporter.changed('now');
    await vi.advanceTimersByTimeAsync(150);
  }
  await vi.advanceTimersByTimeAsync(2_000);
  expect(generations()).toEqual([0, 1, 4, 8]);
});

test('what happened is told before where it led to, and a report does not go out on a connection that ended meanwhile', async () => {
  const sent: string[] = [];
  const events = { release: (): void => undefined };
  const { reporter } = setUp({
    sendEvents: async () => {
      sent.push('events');
      await new Promise<void>((resolve) => {
        events.release = resolve;
      });
    },
    publish: () => sent.push('report'),
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
  const { reporter, sent } = setUp({ sendEvents: () => Promise.reject(new Error('EIO')) });
  reporter.connected(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toHaveLength(1);
});
