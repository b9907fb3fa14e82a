import { describe, expect, it } from 'vitest';
import { NOW } from '../../testing/rollout-view.ts';
import { estimatePlan } from './estimate.ts';
import { RolloutPlan } from './plan.ts';

const plan = (more: object = {}, ...bakes: number[]) =>
  RolloutPlan.parse({
    waves: (bakes.length > 0 ? bakes : [0]).map((seconds, at) => ({
      name: `${at}`,
      size: { percent: 100 },
      bake: { seconds },
    })),
    ...more,
  });
const secondsOf = (given: RolloutPlan, devices: number[], bytes = 0) =>
  estimatePlan(given, devices, bytes, NOW).seconds;

describe('the time of a plan', () => {
  it('is a minute for each wave that has devices, and its bake', () => {
    expect(secondsOf(plan({}, 600, 300), [1, 100])).toBe(60 + 600 + 60 + 300);
    expect(secondsOf(plan({}, 600, 300), [1, 0])).toBe(60 + 600);
    expect(secondsOf(plan(), [0])).toBe(0);
  });

  it('counts the download at a megabyte a second, or at what the plan allows, where that is less', () => {
    expect(secondsOf(plan(), [1], 30_000_000)).toBe(60 + 30);
    expect(secondsOf(plan({ maxBytesPerS: 100_000 }), [1], 30_000_000)).toBe(60 + 300);
    expect(secondsOf(plan({ maxBytesPerS: 50_000_000 }), [1], 30_000_000)).toBe(60 + 30);
  });

  it('is as long as the rate needs until the last is told', () => {
    expect(secondsOf(plan({ rate: { maxPerMinute: 10 } }), [101])).toBe(600 + 60);
  });

  it('grows faster with the devices of the waves before, where the rate does', () => {
    const rate = { exponential: { basePerMinute: 1, factor: 2, every: 10 } };
    const { waves } = estimatePlan(plan({ rate }, 0, 0), [11, 11], 0, NOW);
    expect(waves.map(({ movingS }) => movingS)).toEqual([600 + 60, 300 + 60]);
  });

  it('is a round for as many devices as may move at once', () => {
    expect(secondsOf(plan({ concurrency: 5 }), [11])).toBe(3 * 60);
    expect(secondsOf(plan({ concurrency: 5, rate: { maxPerMinute: 1 } }), [11])).toBe(10 * 60 + 60);
  });

  it('begins when the plan says, and not before its download window opens', () => {
    const startsAt = new Date(NOW.getTime() + 3_600_000).toISOString();
    expect(estimatePlan(plan({ startsAt }), [1], 0, NOW)).toMatchObject({ waitS: 3_600, seconds: 3_660 });
    const windows = { download: { cron: '0 14 * * *', minutes: 60 } };
    expect(estimatePlan(plan({ windows }), [1], 0, NOW)).toMatchObject({ waitS: 7_200, seconds: 7_260 });
    expect(estimatePlan(plan({ windows, startsAt }), [1], 0, NOW).waitS).toBe(7_200);
    const past = new Date(NOW.getTime() - 60_000).toISOString();
    expect(estimatePlan(plan({ startsAt: past }), [1], 0, NOW).waitS).toBe(0);
  });
});
