import { expect, it } from 'vitest';
import { MAX_ATTEMPTS, type Notifiable, type NotifyChannel, notificationsDue, retryWaitMs } from './notify.ts';

const NOW = new Date('2026-11-21T08:00:00Z');
const ago = (s: number) => new Date(NOW.getTime() - s * 1000);
const alert = (more: Partial<Notifiable> = {}): Notifiable => ({
  severity: 'attention',
  members: 1,
  isAcknowledged: false,
  isResolved: false,
  notifiedAt: null,
  notifiedMembers: 0,
  growths: 0,
  ...more,
});
const channel = (id: string, more: Partial<NotifyChannel> = {}): NotifyChannel => ({
  id,
  isEnabled: true,
  minSeverity: 'notice',
  canRetrain: true,
  ...more,
});
const all = { channelIds: null, retrainChannelId: null };
const due = (
  state: Partial<Notifiable>,
  rule = all as Parameters<typeof notificationsDue>[1],
  channels = [channel('a')],
  isMuted = false,
) => notificationsDue(alert(state), rule, channels, isMuted, NOW).map(({ key, channelIds }) => `${key}: ${channelIds}`);

const told = { notifiedAt: ago(600), notifiedMembers: 3 };
it.each<[string, Parameters<typeof due>, string[]]>([
  ['a new one is told', [{}], ['fired: a']],
  ['a muted one is not', [{}, all, [channel('a')], true], []],
  ['one that was acknowledged before a mute ended is not told any more', [{ isAcknowledged: true }], []],
  ['a told one is not told again', [{ ...told, members: 5 }], []],
  ['one that doubled is', [{ ...told, members: 6 }], ['grew-1: a']],
  ['but not at once', [{ ...told, members: 6, notifiedAt: ago(10) }], []],
  ['nor when a person is on it', [{ ...told, members: 6, isAcknowledged: true }], []],
  ['its end is told', [{ ...told, isResolved: true, members: 0 }], ['resolved: a']],
  ['the end of one that nobody heard of is not', [{ isResolved: true, members: 0 }], []],
  ['a channel that is off hears nothing', [{}, all, [channel('a', { isEnabled: false })]], ['fired: ']],
  ['nor one for louder alerts', [{}, all, [channel('a', { minSeverity: 'critical' }), channel('b')]], ['fired: b']],
  ['a rule may name its channels', [{}, { ...all, channelIds: ['b'] }, [channel('a'), channel('b')]], ['fired: b']],
  [
    'training is asked for once',
    [{}, { ...all, retrainChannelId: 'b' }, [channel('a'), channel('b')]],
    ['fired: a,b', 'retrain: b'],
  ],
  [
    'of a channel that can',
    [{}, { ...all, retrainChannelId: 'a' }, [channel('a', { canRetrain: false })]],
    ['fired: a'],
  ],
])('%s', (_, input, wanted) => expect(due(...input)).toEqual(wanted));

it('waits double, are spread, and end', () => {
  expect([1, 2, 3].map((attempt) => retryWaitMs(attempt, 0))).toEqual([5_000, 10_000, 20_000]);
  expect(retryWaitMs(1, 0.999)).toBeCloseTo(10_000, -2);
  const waits = Array.from({ length: MAX_ATTEMPTS }, (_, at) => retryWaitMs(at + 1, 0.5));
  expect(Math.max(...waits)).toBeLessThanOrEqual(2 * 3_600_000);
  expect(waits.slice(0, -1).reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(4 * 3_600_000);
});
