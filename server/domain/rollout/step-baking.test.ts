import { describe, expect, it } from 'vitest';
import { ago, member, rollout, wave } from '../../testing/rollout-view.ts';
import { baked, check, dark, gate, saysOf } from '../../testing/step-cases.ts';

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
