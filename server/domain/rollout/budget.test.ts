import { describe, expect, it } from 'vitest';
import { member } from '../../testing/rollout-view.ts';
import { groupOf, groupRooms as roomsOf } from './budget.ts';
import { Budget } from './plan-limits.ts';
import { type DeploymentState, isInFlight } from './states.ts';
import type { WaveMember } from './thresholds.ts';

const budget = (more: object) => Budget.parse({ groupBy: ['site'], ...more });
const groupRooms = (given: Budget, members: WaveMember[]) => roomsOf(given, members, ({ state }) => isInFlight(state));
/** Devices of one site: states, and `dark` for one that waits and cannot be reached. */
const site = (group: string, ...states: (DeploymentState | 'dark')[]) =>
  states.map((state, at) =>
    state === 'dark'
      ? member(`${group}${at}`, 'queued', { group, isReachable: false })
      : member(`${group}${at}`, state, { group }),
  );
const roomOf = (given: Budget, ...states: (DeploymentState | 'dark')[]) =>
  groupRooms(given, site('a', ...states)).get('a');

describe('the room of a group', () => {
  it('is what may be unavailable, whatever its size', () => {
    expect(roomOf(budget({ maxUnavailable: 2 }), 'queued', 'queued', 'queued', 'proving')).toEqual({
      group: 'a',
      moving: 1,
      available: 3,
      size: 4,
      most: 2,
    });
  });

  it.each([
    ['leaves as many available as it must', { minAvailable: 2 }, 5, 3],
    ['is one where all must be available, because a group must not wait for ever', { minAvailable: 5 }, 5, 1],
    ['is one where more must be available than there are', { minAvailable: 99 }, 5, 1],
    ['is the smaller of both', { minAvailable: 1, maxUnavailable: 2 }, 5, 2],
    ['is the smaller of both, the other way', { minAvailable: 4, maxUnavailable: 3 }, 5, 1],
  ])('%s', (_, more, size, most) =>
    expect(roomOf(budget(more), ...Array<DeploymentState>(size).fill('queued'))?.most).toBe(most),
  );

  it('does not count devices that are switched off: not we made them unavailable', () => {
    expect(roomOf(budget({ minAvailable: 2 }), 'queued', 'queued', 'queued', 'dark', 'dark')).toMatchObject({
      size: 3,
      most: 1,
      available: 3,
    });
  });

  it('counts a device on its way that cannot be reached: we made it unavailable', () => {
    const gone = member('gone', 'switching', { group: 'a', isReachable: false });
    expect(groupRooms(budget({ maxUnavailable: 1 }), [gone]).get('a')).toMatchObject({
      moving: 1,
      size: 1,
      available: 0,
    });
  });

  it('is each group’s own', () => {
    const rooms = groupRooms(budget({ maxUnavailable: 1 }), [
      ...site('a', 'proving', 'queued'),
      ...site('b', 'queued'),
    ]);
    expect([...rooms.values()].map(({ group, moving }) => `${group} ${moving}`)).toEqual(['a 1', 'b 0']);
  });
});

describe('the name of a group', () => {
  it('is the values of its labels, in the order of the plan', () => {
    const both = budget({ groupBy: ['site', 'line'], maxUnavailable: 1 });
    expect(groupOf(both, { line: '2', site: 'oslo', other: 'x' })).toBe('site=oslo, line=2');
  });

  it('of devices without the label is one too, and without a budget all are one', () => {
    expect(groupOf(budget({ maxUnavailable: 1 }), {})).toBe('site=');
    expect(groupOf(null, { site: 'oslo' })).toBe('');
  });
});
