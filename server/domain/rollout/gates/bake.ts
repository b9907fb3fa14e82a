import * as z from 'zod';
import { Gate } from './gate.ts';

const MAX_BAKE_S = 604_800;

/**
 * How long a wave serves before the next one moves. `minSeconds`: it may end as early when every gate is proven to hold. `maxSeconds`: so
 * long it goes on when evidence is missing, before a person is asked; without it, ten times `seconds` and five minutes.
 */
export const Bake = z
  .object({
    seconds: z.number().int().min(0).max(MAX_BAKE_S),
    minSeconds: z.number().int().min(0).max(MAX_BAKE_S).optional(),
    maxSeconds: z
      .number()
      .int()
      .min(0)
      .max(10 * MAX_BAKE_S)
      .optional(),
    gates: z.array(Gate).max(10).default([]),
  })
  .refine(({ seconds, minSeconds = 0 }) => minSeconds <= seconds, {
    path: ['minSeconds'],
    message: 'is longer than the bake',
  })
  .refine(({ seconds, maxSeconds = seconds }) => maxSeconds >= seconds, {
    path: ['maxSeconds'],
    message: 'is shorter than the bake',
  });
export type Bake = z.infer<typeof Bake>;

/** The longest that a bake goes on for want of evidence. */
export function longestOf({ seconds, maxSeconds }: Bake): number {
  return maxSeconds ?? seconds * LONGEST_BAKE + SHORTEST_EXTENSION_S;
}

/** Every rollout ends: a bake without bounds of its own waits this many times its length, and at least this long. */
const LONGEST_BAKE = 10;
const SHORTEST_EXTENSION_S = 300;
