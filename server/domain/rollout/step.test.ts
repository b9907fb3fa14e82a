import { describe, expect, it } from 'vitest';
import { ago, member, NOW, rollout, wave } from '../../testing/rollout-view.ts';
import { check, dark, saysOf } from '../../testing/step-cases.ts';
import { rollbackPlan } from './rollback-plan.ts';
import { finishedStates, isRolloutFinished, rolloutStates } from './states.ts';
import { type Decision, step } from './step.ts';

describe('the end', () => {
  check([
    ['comes when all waves are over', rollout([wave(0, 'passed', [member('a', 'succeeded')])]), ['finish succeeded']],
    [
      'waits for devices on their way',
      rollout([wave(0, 'passed', [member('a', 'succeeded'), member('b', 'staging')])]),
      [],
    ],
    [
      'takes back what was never told to dark devices',
      rollout([wave(0, 'passed', [member('a', 'succeeded'), member('b', 'queued', dark)])]),
      ['cancel-queued', 'finish succeeded'],
    ],
    [
      'waits for a device that came back at the last moment',
      rollout([wave(0, 'passed', [member('a', 'succeeded'), member('b')])]),
      ['notify b'],
    ],
    ['stays the end', rollout([wave(0, 'passed', [member('a')])], { state: 'succeeded' }), []],
  ]);
  it.each(
    rolloutStates.filter(
      (state) => isRolloutFinished(state) || ['draft', 'pending-approval', 'paused'].includes(state),
    ),
  )('a rollout that is %s tells nobody', (state) =>
    expect(saysOf(rollout([wave(0, 'pending', [member('a')]), wave(1, 'pending', [])], { state }))).toEqual([]),
  );
});

describe('aborting', () => {
  const state = 'aborting' as const;
  check([
    [
      'takes back what waits',
      rollout([wave(0, 'rolling', [member('a'), member('b', 'staging')])], { state }),
      ['cancel-queued'],
    ],
    [
      'lets what runs end',
      rollout([wave(0, 'rolling', [member('a', 'cancelled'), member('b', 'staging')])], { state }),
      [],
    ],
    [
      'ends when all is over',
      rollout(
        [
          wave(
            0,
            'rolling',
            finishedStates.map((each) => member(each, each)),
          ),
        ],
        { state },
      ),
      ['finish aborted'],
    ],
  ]);
});

describe('rolling back', () => {
  const state = 'rolling-back' as const;
  const moved = [wave(0, 'failed', [member('a', 'succeeded'), member('b', 'staging')])];
  check([
    ['first takes back what waits', rollout([wave(0, 'failed', [member('a')])], { state }), ['cancel-queued']],
    ['then makes the rollout back, without waiting', rollout(moved, { state }), ['create-rollback']],
    ['waits for it', rollout(moved, { state, rollback: { state: 'running', allSucceeded: false } }), []],
    [
      'is over when every device is back',
      rollout(moved, { state, rollback: { state: 'succeeded', allSucceeded: true } }),
      ['finish rolled-back'],
    ],
    [
      'says when not every device is back',
      rollout(moved, { state, rollback: { state: 'succeeded', allSucceeded: false } }),
      ['finish rollback-incomplete'],
    ],
    [
      'says when the way back was aborted',
      rollout(moved, { state, rollback: { state: 'aborted', allSucceeded: true } }),
      ['finish rollback-incomplete'],
    ],
  ]);
});

describe('the rollout back', () => {
  const plan = { ...rollbackPlan('default', 3_600) };
  const back = (members: Parameters<typeof wave>[2], more = {}) => ({
    ...rollout([wave(0, 'rolling', members, more)]),
    plan,
  });
  check([
    [
      'ends its wave though no device came back',
      back([member('a', 'failed'), member('b', 'timed-out')]),
      ['bake-wave 0'],
    ],
    [
      'waits for dark devices that were told, and asks nobody',
      back([member('a', 'notified', dark)], { startedAt: ago(3_000) }),
      [],
    ],
    ['judges nothing while some still move', back([member('a', 'failed'), member('b', 'staging')]), []],
  ]);
});

it('the same look gives the same decisions', () => {
  const view = rollout([wave(0, 'rolling', [member('a'), member('b', 'failed', dark)])]);
  const decisions: Decision[] = step(view, NOW);
  expect(step(structuredClone(view), NOW)).toEqual(decisions);
});
