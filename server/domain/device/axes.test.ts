import { describe, expect, it } from 'vitest';
import { ago, NOW } from '../../testing/rollout-view.ts';
import { deploymentStates } from '../rollout/states.ts';
import { connectivityOf, healthOf, updateOf, updates } from './axes.ts';
import { deviceStatus } from './status.ts';

describe('connectivity', () => {
  it.each([
    ['never-seen', { online: true, lastHeardAt: null }],
    ['offline', { online: false, lastHeardAt: ago(1) }],
    ['online', { online: true, lastHeardAt: ago(60) }],
    ['stale', { online: true, lastHeardAt: ago(60.001) }],
  ] as const)('%s', (wanted, device) => expect(connectivityOf(device, NOW, null)).toBe(wanted));

  const away = { online: true, lastHeardAt: ago(3_600) };
  it.each([
    ['online', 'when nobody has listened for longer than a moment', { since: ago(59), until: NOW }],
    ['stale', 'when somebody has listened for more than a minute', { since: ago(61), until: NOW }],
    ['online', 'while nobody listens, if it spoke when somebody did', { since: ago(7_200), until: ago(3_550) }],
    ['stale', 'while nobody listens, if it said nothing when somebody did', { since: ago(7_200), until: ago(3_500) }],
  ] as const)('is %s %s', (wanted, _, listening) => expect(connectivityOf(away, NOW, listening)).toBe(wanted));

  it('of a device that said goodbye is offline, whoever listened', () => {
    const gone = { online: false, lastHeardAt: ago(3_600) };
    expect(connectivityOf(gone, NOW, { since: ago(1), until: NOW })).toBe('offline');
  });
});

describe('health', () => {
  const recent = (errors: number, inferences = 1000 - errors, isThrottled = false) => ({
    errors,
    inferences,
    isThrottled,
  });
  it.each([
    ['unknown', 'online', null],
    ['unknown', 'offline', recent(0)],
    ['unknown', 'never-seen', recent(0)],
    ['healthy', 'online', recent(0)],
    ['healthy', 'online', recent(0, 0)],
    ['healthy', 'stale', recent(10)],
    ['attention', 'online', recent(11)],
    ['attention', 'online', recent(100)],
    ['attention', 'online', recent(0, 10, true)],
    ['critical', 'online', recent(101)],
    ['critical', 'online', recent(1, 0, true)],
  ] as const)('%s when %s with %o', (wanted, connectivity, given) =>
    expect(healthOf(connectivity, given)).toBe(wanted),
  );
});

describe('update', () => {
  it('has a word for every state of a deployment', () => {
    for (const state of deploymentStates) expect(updates).toContain(updateOf({ state, isReachable: true }));
  });
  it.each([
    ['unassigned', null],
    ['queued', { state: 'queued', isReachable: true }],
    ['waiting', { state: 'queued', isReachable: false }],
    ['updating', { state: 'notified', isReachable: false }],
    ['up-to-date', { state: 'succeeded', isReachable: true }],
    ['failed', { state: 'timed-out', isReachable: true }],
    ['rejected', { state: 'rejected', isReachable: true }],
    ['reverted', { state: 'reverted', isReachable: true }],
  ] as const)('%s', (wanted, deployment) => expect(updateOf(deployment)).toBe(wanted));
});

describe('the three axes together', () => {
  const device = {
    online: true,
    onlineChangedAt: ago(500),
    lastHeardAt: ago(90),
    serving: { since: ago(700) },
    deployment: null,
  };
  it('stand by themselves, each with its own time', () => {
    expect(deviceStatus(device, null, NOW, null)).toEqual({
      connectivity: { value: 'stale', since: ago(90) },
      health: { value: 'unknown', since: null },
      update: { value: 'up-to-date', since: ago(700) },
    });
  });
  it('a stale device with a queued deployment waits, since it was queued', () => {
    const deployment = { state: 'queued', stateSince: ago(30) } as const;
    expect(deviceStatus({ ...device, deployment }, null, NOW, null).update).toEqual({
      value: 'waiting',
      since: ago(30),
    });
  });
});
