import * as z from 'zod';
import { EpochMs, Uuid } from './primitives.ts';
import { Reason } from './reasons.ts';

export const commandOps = ['ping', 'restart-runner', 'decommission'] as const;

/** Signed like a desired state, and carried out once per id. */
export const Command = z.looseObject({
  id: Uuid,
  deviceId: Uuid,
  op: z.string().max(64),
  args: z.record(z.string(), z.unknown()).default({}),
  issuedAt: EpochMs,
  expiresAt: EpochMs,
});
export type Command = z.infer<typeof Command>;

export const Reply = z.looseObject({
  id: Uuid,
  status: z.enum(['accepted', 'running', 'done', 'failed', 'refused']),
  result: z.unknown().optional(),
  reason: Reason.optional(),
});
export type Reply = z.infer<typeof Reply>;

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export const LogBatch = z.looseObject({
  lines: z.array(z.looseObject({ at: EpochMs, level: z.enum(logLevels), message: z.string().max(2000) })).max(100),
  suppressed: z.number().int().min(0).optional(),
});
export type LogBatch = z.infer<typeof LogBatch>;
