import {
  AgentVersion,
  Count,
  DEFAULT_STABLE_S,
  EpochMs,
  Phase,
  Reason,
  Sha256,
  SlotName,
  Uuid,
} from '@flotilla/protocol';
import * as z from 'zod';

/** The agent that is wanted, with its package for this platform; without one when there is none. */
export const UpgradeTarget = z.object({
  order: Uuid,
  version: AgentVersion,
  confirmWithinS: z.number(),
  stableS: z.number().default(DEFAULT_STABLE_S),
  package: z.object({ sha256: Sha256, sizeBytes: z.number(), unpackedBytes: z.number() }).optional(),
});
export type UpgradeTarget = z.infer<typeof UpgradeTarget>;

/** A change of phase that the spool may not have yet. */
export const UpgradeChange = z.object({
  at: EpochMs,
  from: Phase,
  to: Phase,
  order: Uuid,
  fromVersion: z.string(),
  toVersion: z.string(),
  reason: Reason.optional(),
});
export type UpgradeChange = z.infer<typeof UpgradeChange>;

/** All that an agent knows of its own upgrade, as it is journalled. Both agents read it: the one that goes and the one that comes. */
export const UpgradeState = z.object({
  phase: Phase,
  since: EpochMs,
  target: UpgradeTarget.nullable(),
  /** Came during a step that must not be cut, and takes its place afterwards. Absent: nothing came. */
  next: UpgradeTarget.nullable().optional(),
  /** The version that the target is to replace. */
  from: z.string(),
  /** Slots that served when the agent was replaced: they must serve again before the new one is confirmed. */
  served: z.array(SlotName),
  /** The program that the newest one on trial was to replace: kept on disk. */
  before: z.string().optional(),
  /** Number of the work under way; a result with another number is late and means nothing. */
  job: Count,
  attempts: Count,
  retryAt: EpochMs.optional(),
  reason: Reason.optional(),
  outbox: z.array(UpgradeChange),
});
export type UpgradeState = z.infer<typeof UpgradeState>;

export function noUpgrade(now: number): UpgradeState {
  return { phase: 'idle', since: now, target: null, from: '', served: [], job: 0, attempts: 0, outbox: [] };
}
