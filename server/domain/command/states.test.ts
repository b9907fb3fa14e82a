import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CommandState, commandStates, isCommandFinished, resendDelayMs, stateAfter } from './states.ts';

const statuses = ['accepted', 'running', 'done', 'failed', 'refused'] as const;

it.each<[CommandState, (typeof statuses)[number], CommandState | null]>([
  ['issued', 'accepted', 'accepted'],
  ['sent', 'refused', 'refused'],
  ['accepted', 'running', 'running'],
  ['running', 'running', 'running'],
  ['running', 'accepted', null],
  ['running', 'done', 'done'],
  ['done', 'running', null],
  ['done', 'failed', null],
  ['expired', 'running', null],
  ['expired', 'done', 'done'],
])('a command that is %s, and whose device says %s, becomes %s', (state, status, next) => {
  expect(stateAfter(state, { status })).toBe(next);
});

it('has at most one end, whatever a device says and in whatever order', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...statuses)), (words) => {
      const ends = new Set<CommandState>();
      let state: CommandState = 'issued';
      for (const status of words) {
        const next = stateAfter(state, { status });
        if (next) expect(commandStates.indexOf(next)).toBeGreaterThanOrEqual(commandStates.indexOf(state));
        state = next ?? state;
        if (isCommandFinished(state)) ends.add(state);
      }
      expect(ends.size).toBeLessThanOrEqual(1);
    }),
  );
});

it('is sent again ever more rarely, but at least once a minute', () => {
  expect([0, 1, 2, 3, 4, 99].map(resendDelayMs)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
});
