import type { DeviceFacts } from '@flotilla/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Reporter } from './reporter.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('a device that has said nothing for 20 s speaks, and one that spoke is not heard twice', () => {
  const sent: string[] = [];
  const reporter = new Reporter({
    publish: (payload) => sent.push(payload),
    state: () => ({ generation: 0, slots: {} }),
    facts: () => ({ hostname: 'quiet' }) as DeviceFacts,
  });
  reporter.breakSilence(60_000);
  vi.advanceTimersByTime(1_000);
  expect(sent, 'without a connection').toEqual([]);
  reporter.connected(1);
  vi.advanceTimersByTime(1_000);
  reporter.breakSilence(19_999);
  vi.advanceTimersByTime(1_000);
  expect(sent).toHaveLength(1);
  reporter.breakSilence(20_000);
  vi.advanceTimersByTime(1_000);
  expect(sent).toHaveLength(2);
});
