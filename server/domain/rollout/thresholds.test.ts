import fc from 'fast-check';
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
    moving: 1,
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
      'takes devices on their way for good: 16 failures out of 250 are not half, whoever ends first',
      wave(...Array<DeploymentState>(16).fill('failed'), ...Array<DeploymentState>(234).fill('downloading')),
      { maxPercent: 50 },
      false,
    ],
    [
      'is crossed while others are on their way, once no success of theirs could help',
      wave('failed', 'failed', 'proving', 'queued'),
      { maxPercent: 50, minSample: 2 },
      true,
    ],
    [
      'does not take devices that nobody told for good',
      wave('failed', 'failed', 'queued', 'queued', 'queued', 'dark'),
      { maxPercent: 50, minSample: 2 },
      true,
    ],
    [
      'is proven by no three devices of many',
      wave('failed', 'failed', 'failed', ...Array<DeploymentState>(97).fill('queued')),
      { maxPercent: 10 },
      false,
    ],
    [
      'is proven by ten',
      wave(...Array<DeploymentState>(10).fill('failed'), ...Array<DeploymentState>(90).fill('queued')),
      { maxPercent: 10 },
      true,
    ],
    ['needs no sample where the wave is sure to fail', wave('failed', 'failed', 'queued'), { maxPercent: 50 }, true],
    [
      'of nought needs no sample',
      wave('failed', ...Array<DeploymentState>(99).fill('queued')),
      { maxPercent: 0 },
      true,
    ],
    [
      'does not judge devices on their way',
      wave('failed', ...Array<DeploymentState>(29).fill('proving')),
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

it('in whatever order devices end, a wave that was told at once is stopped exactly when its errors are too many in the end', () => {
  const outcome = fc.constantFrom<DeploymentState>('succeeded', 'succeeded', 'failed', 'rejected');
  fc.assert(
    fc.property(
      fc.array(outcome, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 0, max: 100 }),
      (ends, maxPercent) => {
        const errors = ends.filter((state) => state !== 'succeeded').length;
        const isTooMany = errors * 100 > maxPercent * ends.length;
        const isStopped = ends.some((_, at) => {
          const now = ends.map((state, device) => (device <= at ? state : 'downloading'));
          return isErrorThresholdCrossed(wave(...now), plan({ errors: { maxPercent } }));
        });
        expect(isStopped).toBe(isTooMany);
      },
    ),
  );
});
