import { SlotName } from '@flotilla/protocol';
import * as z from 'zod';
import { Bake } from './gates/bake.ts';
import { planLimits } from './plan-limits.ts';

const Percent = z.number().min(0).max(100);

/**
 * `count` and `percent` are cumulative: a wave of 50 % after one of 10 % adds 40 % of the targets. A `selector` takes the targets that it
 * holds and that no wave before it took.
 */
export const WaveSize = z.union([
  z.object({ count: z.number().int().min(1).max(1_000_000) }),
  z.object({ percent: z.number().gt(0).max(100) }),
  z.object({ selector: z.string().trim().min(1).max(1000) }),
]);

/** Thresholds count devices that are reachable or finished. `minSample` is clamped to the wave's size. With `approval` a person starts it. */
export const WavePlan = z.object({
  name: z.string().trim().min(1).max(60),
  size: WaveSize,
  approval: z.boolean().default(false),
  success: z
    .object({ minPercent: Percent, minSample: z.number().int().min(1).max(1_000_000).default(1) })
    .prefault({ minPercent: 90 }),
  errors: z
    .object({
      maxPercent: Percent,
      /** Also crossed above so many errors, whatever share they are. */
      maxCount: z.number().int().min(0).max(1_000_000).nullable().default(null),
      /** Finished devices from which a share is judged: three prove none. A wave that is sure to fail needs no sample. */
      minSample: z.number().int().min(1).max(1_000_000).default(10),
    })
    .prefault({ maxPercent: 10 }),
  bake: Bake.prefault({ seconds: 600 }),
});
export type WavePlan = z.infer<typeof WavePlan>;

export const RolloutPlan = z.object({
  selector: z.string().max(1000).default(''),
  slot: SlotName.default('default'),
  waves: z.array(WavePlan).min(1).max(50),
  /** What an error threshold does when it is crossed. */
  onErrors: z.enum(['pause', 'roll-back']).default('pause'),
  ...planLimits,
});
export type RolloutPlan = z.infer<typeof RolloutPlan>;

/** What the console offers first: one device, a tenth, half, all. */
export const defaultWaves: z.input<typeof WavePlan>[] = [
  { name: 'Canary', size: { count: 1 } },
  { name: 'A tenth', size: { percent: 10 } },
  { name: 'Half', size: { percent: 50 } },
  { name: 'Everyone', size: { percent: 100 } },
];
