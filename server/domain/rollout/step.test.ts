import { describe, expect, it } from 'vitest';
import { ago, member, NOW, rollout, wave } from '../../testing/rollout-view.ts';
import { errors } from './gates/test-samples.ts';
import { rollbackPlan } from './rollback-plan.ts';
import { finishedStates, isRolloutFinished, rolloutStates } from './states.ts';
import { type Decision, type RolloutView, step } from './step.ts';

/** Decisions in one word each: what they do, to whom, and why. */
function saysOf(view: RolloutView, now = NOW): string[] {
  return step(view, now).map((decision) => {
    const parts: (string | number)[] = [decision.kind];
    if ('position' in decision) parts.push(decision.position);
    if ('deploymentIds' in decision) parts.push(decision.deploymentIds.join('+'));
    if ('why' in decision) parts.push(decision.why);
    if (decision.kind === 'finish') parts.push(decision.state);
    return parts.join(' ');
  });
}

const dark = { isReachable: false };
const gate = { metric: 'error_rate', limit: 0.1, minInferences: 200 } as const;
const baked = (bad: number, n: number) => ({
  bakingAt: ago(600),
  samples: errors(bad, n),
});

type Case = [guarantee: string, view: RolloutView, says: string[]];
const check = (cases: Case[]) => it.each(cases)('%s', (_, view, says) => expect(saysOf(view)).toEqual(says));

describe('starting a wave', () => {
  check([
    [
      'tells its reachable devices, and only those',
      rollout([wave(0, 'pending', [member('a'), member('b', 'queued', dark), member('c')])]),
      ['start-wave 0', 'notify a+c'],
    ],
    [
      'starts a dark wave and tells nobody',
      rollout([wave(0, 'pending', [member('a', 'queued', dark)])]),
      ['start-wave 0'],
    ],
    [
      'passes over a wave without devices',
      rollout([wave(0, 'pending', []), wave(1, 'pending', [member('a')])]),
      ['skip-wave 0 empty'],
    ],
    [
      'tells dark devices too when the plan says so',
      rollout([wave(0, 'pending', [member('a', 'queued', dark)])], { plan: { offline: { notifyDark: true } } }),
      ['start-wave 0', 'notify a'],
    ],
    [
      'starts only the first wave that is not over',
      rollout([
        wave(0, 'passed', [member('a', 'succeeded')]),
        wave(1, 'pending', [member('b')]),
        wave(2, 'pending', [member('c')]),
      ]),
      ['start-wave 1', 'notify b'],
    ],
    [
      'starts nothing while a failed wave stands before it',
      rollout([wave(0, 'failed', [member('a', 'failed')]), wave(1, 'pending', [member('b')])]),
      [],
    ],
  ]);
});

describe('a rolling wave', () => {
  check([
    ['waits while devices are on their way', rollout([wave(0, 'rolling', [member('a', 'downloading')])]), []],
    [
      'tells a device that came back',
      rollout([wave(0, 'rolling', [member('a', 'downloading'), member('b')])]),
      ['notify b'],
    ],
    ['bakes when enough succeeded', rollout([wave(0, 'rolling', [member('a', 'succeeded')])]), ['bake-wave 0']],
    [
      'counts dark devices out of the share that succeeded',
      rollout([wave(0, 'rolling', [member('a', 'succeeded'), member('b', 'queued', dark)])]),
      ['bake-wave 0'],
    ],
    [
      'does not bake below the share that must succeed',
      rollout([wave(0, 'rolling', [member('a', 'succeeded'), member('b', 'proving')])]),
      [],
    ],
    [
      'pauses above the share of errors',
      rollout([wave(0, 'rolling', [member('a', 'failed'), member('b', 'downloading')])]),
      ['fail-wave 0 errors', 'pause 0 errors'],
    ],
    [
      'rolls back above the share of errors when the plan says so',
      rollout([wave(0, 'rolling', [member('a', 'reverted')])], { plan: { onErrors: 'roll-back' } }),
      ['fail-wave 0 errors', 'roll-back 0 errors'],
    ],
    [
      'tells nobody once the errors are too many',
      rollout([wave(0, 'rolling', [member('a', 'rejected'), member('b')])]),
      ['fail-wave 0 errors', 'pause 0 errors'],
    ],
    [
      'waits for the sample before it judges errors',
      rollout(
        [
          wave(0, 'rolling', [
            ...['a', 'b'].map((id) => member(id, 'failed')),
            ...['c', 'd', 'e'].map((id) => member(id, 'downloading')),
            ...Array.from({ length: 15 }, (_, at) => member(`dark-${at}`, 'queued', dark)),
          ]),
        ],
        { wave: { errors: { maxPercent: 30, minSample: 3 } } },
      ),
      [],
    ],
    [
      'never waits for a sample that is larger than the wave',
      rollout([wave(0, 'rolling', [member('a', 'failed')])], { wave: { errors: { maxPercent: 10, minSample: 50 } } }),
      ['fail-wave 0 errors', 'pause 0 errors'],
    ],
    [
      'fails when all have answered and too few succeeded',
      rollout([wave(0, 'rolling', [member('a', 'succeeded'), member('b', 'failed')])], {
        wave: { errors: { maxPercent: 60 } },
      }),
      ['fail-wave 0 success', 'pause 0 success'],
    ],
    [
      'asks a person when the first wave cannot be reached',
      rollout([wave(0, 'rolling', [member('a', 'queued', dark)], { startedAt: ago(300) })]),
      ['pause 0 unreachable'],
    ],
    [
      'waits its time before it says unreachable',
      rollout([wave(0, 'rolling', [member('a', 'queued', dark)], { startedAt: ago(299) })]),
      [],
    ],
    [
      'passes over a later wave that cannot be reached',
      rollout([
        wave(0, 'passed', [member('a', 'succeeded')]),
        wave(1, 'rolling', [member('b', 'queued', dark)], { startedAt: ago(300) }),
      ]),
      ['skip-wave 1 unreachable'],
    ],
    [
      'tells a device of an earlier wave that came back late',
      rollout([
        wave(0, 'passed', [member('a'), member('b', 'succeeded')]),
        wave(1, 'rolling', [member('c', 'staging')]),
      ]),
      ['notify a'],
    ],
    [
      'passes over a wave whose devices all belong to a newer rollout',
      rollout([wave(0, 'rolling', [member('a', 'superseded')]), wave(1, 'pending', [member('b')])]),
      ['skip-wave 0 empty'],
    ],
  ]);
});

describe('a baking wave', () => {
  check([
    ['waits its time', rollout([wave(0, 'baking', [member('a', 'succeeded')], { bakingAt: ago(599) })]), []],
    [
      'passes after its time',
      rollout([wave(0, 'baking', [member('a', 'succeeded')], { bakingAt: ago(600) })]),
      ['pass-wave 0'],
    ],
    [
      'rolls back when devices take the release back',
      rollout([wave(0, 'baking', [member('a', 'succeeded'), member('b', 'reverted')])]),
      ['fail-wave 0 errors', 'roll-back 0 errors'],
    ],
    [
      'passes a gate on enough evidence',
      rollout([wave(0, 'baking', [member('a', 'succeeded')], baked(2, 200))], {
        wave: { bake: { seconds: 600, gates: [gate] } },
      }),
      ['pass-wave 0'],
    ],
    [
      'rolls back on a breach, before the bake ends',
      rollout([wave(0, 'baking', [member('a', 'succeeded')], { ...baked(30, 60), bakingAt: ago(1) })], {
        wave: { bake: { seconds: 600, gates: [gate] } },
      }),
      ['fail-wave 0 gate', 'roll-back 0 gate'],
    ],
    [
      'pauses on a breach when the gate says so',
      rollout([wave(0, 'baking', [member('a', 'succeeded')], baked(30, 60))], {
        wave: { bake: { seconds: 600, gates: [{ ...gate, onBreach: 'pause' }] } },
      }),
      ['fail-wave 0 gate', 'pause 0 gate'],
    ],
    [
      'never passes by itself on too little data',
      rollout([wave(0, 'baking', [member('a', 'succeeded')], baked(0, 199))], {
        wave: { bake: { seconds: 600, gates: [gate] } },
      }),
      [],
    ],
    [
      'passes on too little data when the gate says so',
      rollout([wave(0, 'baking', [member('a', 'succeeded')], baked(0, 0))], {
        wave: { bake: { seconds: 600, gates: [{ ...gate, onNoData: 'pass' }] } },
      }),
      ['pass-wave 0'],
    ],
    [
      'pauses on too little data when the gate says so',
      rollout([wave(0, 'baking', [member('a', 'succeeded')], baked(0, 0))], {
        wave: { bake: { seconds: 600, gates: [{ ...gate, onNoData: 'pause' }] } },
      }),
      ['pause 0 no-data'],
    ],
    [
      'asks a person after ten bakes and five minutes without data',
      rollout([wave(0, 'baking', [member('a', 'succeeded')], { ...baked(0, 0), bakingAt: ago(6_300) })], {
        wave: { bake: { seconds: 600, gates: [gate] } },
      }),
      ['pause 0 no-data'],
    ],
  ]);
});

describe('time-outs', () => {
  const late = member('a', 'downloading', { notifiedAt: ago(3_601) });
  it.each(['running', 'paused', 'aborting', 'rolling-back', 'succeeded'] as const)(
    'end a deployment that is %s too long',
    (state) => {
      expect(saysOf(rollout([wave(0, 'rolling', [late, member('b', 'downloading')])], { state }))).toEqual([
        'time-out a deployment',
      ]);
    },
  );
  check([
    [
      'do not come at the limit itself',
      rollout([wave(0, 'rolling', [member('a', 'downloading', { notifiedAt: ago(3_600) })])]),
      [],
    ],
    [
      'do not touch what was never told, or is over',
      rollout([
        wave(0, 'rolling', [
          member('a', 'queued', { ...dark, stateSince: ago(9_000) }),
          member('b', 'succeeded', { notifiedAt: ago(9_000) }),
        ]),
      ]),
      ['bake-wave 0'],
    ],
  ]);
});

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
