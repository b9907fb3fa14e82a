import type { RolloutPlan } from './plan.ts';
import { perMinute } from './rates.ts';
import { openFrom } from './windows.ts';

/** What one device is taken to need beside its download: staging, proof, switch and observing. */
const MOVE_S = 60;

/** Bytes per second that a device is taken to download with, where the plan does not say. */
const USUAL_BYTES_PER_S = 1_000_000;

export type Estimate = {
  /** Seconds from the start until the last wave is over, when all goes well. */
  seconds: number;
  waves: { devices: number; movingS: number; bakeS: number }[];
  /** Seconds until the first device may be told: a start in the future, or a closed window. */
  waitS: number;
};

/** How long a plan needs for so many devices per wave, at its rate, when every device is there and answers. A bake counts its time, not more. */
export function estimatePlan(plan: RolloutPlan, devices: readonly number[], bytesEach: number, now: Date): Estimate {
  const startsAt = plan.startsAt === null ? now : new Date(Math.max(now.getTime(), new Date(plan.startsAt).getTime()));
  const waitS = Math.ceil((openFrom(plan.windows.download, startsAt).getTime() - now.getTime()) / 1000);
  const moveS = MOVE_S + bytesEach / Math.min(plan.maxBytesPerS ?? USUAL_BYTES_PER_S, USUAL_BYTES_PER_S);
  let succeeded = 0;
  const waves = plan.waves.map(({ bake }, position) => {
    const count = devices[position] ?? 0;
    if (count === 0) return { devices: 0, movingS: 0, bakeS: 0 };
    const rate = plan.rate ? perMinute(plan.rate, succeeded) : Number.POSITIVE_INFINITY;
    const rounds = plan.concurrency === null ? 1 : Math.ceil(count / plan.concurrency);
    const movingS = Math.ceil(Math.max(((count - 1) / rate) * 60 + moveS, rounds * moveS));
    succeeded += count;
    return { devices: count, movingS, bakeS: bake.seconds };
  });
  return { waves, waitS, seconds: waves.reduce((sum, { movingS, bakeS }) => sum + movingS + bakeS, waitS) };
}
