import * as z from 'zod';

/**
 * A question asked of a wave's telemetry while it bakes. `limit` is a share from 0 to 1: the least accuracy, or the highest error
 * rate. Without `minInferences` the answer is "not enough evidence", and `onNoData` says what that means at the end of the bake.
 */
export const Gate = z.object({
  metric: z.enum(['accuracy', 'error_rate']),
  limit: z.number().min(0).max(1),
  minInferences: z.number().int().min(1).max(100_000_000).default(200),
  onBreach: z.enum(['pause', 'roll-back']).default('roll-back'),
  onNoData: z.enum(['wait', 'pause', 'pass']).default('wait'),
});
export type Gate = z.infer<typeof Gate>;
