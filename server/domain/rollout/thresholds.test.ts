import { describe, expect, it } from 'vitest';
import { member } from '../../testing/rollout-view.ts';
import { WavePlan } from './plan.ts';
import type { DeploymentState } from './states.ts';
import { countWave, isErrorThresholdCrossed, isSuccessThresholdReached } from './thresholds.ts';

const plan = (more: object = {}) => WavePlan.parse({ name: 'w', size: { count: 1 }, ...more });
const wave = (...states: (DeploymentState | 'dark')[]) =>
  countWave(
    states.map((state, at) =>
      state === 'dark' ? member(`${at}`, 'queued', { isReachable: false }) : member(`${at}`, state),
    ),
  );

it('dark devices are counted apart, and closed ones not at all', () => {
  expect(wave('succeeded', 'failed', 'proving', 'dark', 'cancelled', 'superseded')).toEqual({
    total: 6,
    considered: 3,
    finished: 2,
    succeeded: 1,
    errors: 1,
    dark: 1,
  });
});

describe('the error threshold', () => {
  it.each([
    ['is not crossed at the percentage itself', wave('failed', 'succeeded'), { maxPercent: 50 }, false],
    ['is crossed above it', wave('failed', 'failed', 'succeeded'), { maxPercent: 50 }, true],
    ['of nought is crossed by the first error', wave('rejected', 'succeeded'), { maxPercent: 0 }, true],
    ['of nought is not crossed without one', wave('succeeded'), { maxPercent: 0 }, false],
    ['of a hundred is never crossed', wave('failed', 'timed-out'), { maxPercent: 100 }, false],
    [
      'does not judge devices on their way',
      wave('failed', 'proving', 'proving'),
      { maxPercent: 10, minSample: 2 },
      false,
    ],
  ])('%s', (_, counts, errors, crossed) => expect(isErrorThresholdCrossed(counts, plan({ errors }))).toBe(crossed));
});

describe('the success threshold', () => {
  it.each([
    ['is reached at the percentage itself', wave('succeeded', 'failed'), { minPercent: 50 }, true],
    ['is not reached below it', wave('succeeded', 'failed', 'failed'), { minPercent: 50 }, false],
    ['leaves dark devices out', wave('succeeded', 'dark', 'dark'), { minPercent: 100 }, true],
    ['counts devices on their way', wave('succeeded', 'staging'), { minPercent: 100 }, false],
    ['is not reached by nobody', wave('dark'), { minPercent: 0 }, false],
    ['wants its sample', wave('succeeded', 'dark'), { minPercent: 50, minSample: 2 }, false],
    ['never wants more than the wave has', wave('succeeded'), { minPercent: 50, minSample: 9 }, true],
  ])('%s', (_, counts, success, reached) => expect(isSuccessThresholdReached(counts, plan({ success }))).toBe(reached));
});
