import { RolloutPlan } from './plan.ts';

/** A roll back: everyone at once, dark devices too, judged by nothing. It ends when every device has answered or timed out. */
export function rollbackPlan(slot: string, timeoutS: number): RolloutPlan {
  return RolloutPlan.parse({
    slot,
    timeoutS,
    offline: { notifyDark: true },
    waves: [
      {
        name: 'Back',
        size: { percent: 100 },
        success: { minPercent: 0 },
        errors: { maxPercent: 100 },
        bake: { seconds: 0 },
      },
    ],
  });
}
