import { describe } from 'vitest';
import { ago, member, rollout, wave } from '../../testing/rollout-view.ts';
import { check, dark } from '../../testing/step-cases.ts';

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
