import { Count, DesiredSlot, EpochMs, Phase, ProofReport, Reason, Release, Uuid } from '@flotilla/protocol';
import * as z from 'zod';

/** A release that answers requests, or did. */
export const Serving = z.object({ deployment: Uuid, release: Release, since: EpochMs });
export type Serving = z.infer<typeof Serving>;

/** A change of phase that the spool may not have yet: written with the state, so that no crash loses it. */
export const PhaseChange = z.object({
  at: EpochMs,
  from: Phase,
  to: Phase,
  deployment: Uuid.optional(),
  releaseId: Uuid.optional(),
  reason: Reason.optional(),
  proof: ProofReport.optional(),
});
export type PhaseChange = z.infer<typeof PhaseChange>;

/** Failures of one release on this device; `until` is set while it is in the penalty box. */
export const Penalty = z.object({ releaseId: Uuid, failures: Count, until: EpochMs.optional() });
export type Penalty = z.infer<typeof Penalty>;

/**
 * All that one slot knows, as it is journalled. `target` is what the phase is about, `serving` what answers now, `good`
 * what the device goes back to, `before` the one before it, kept on disk.
 */
export const SlotState = z.object({
  phase: Phase,
  since: EpochMs,
  target: DesiredSlot.nullable(),
  /** Came during a step that must not be cut, and takes its place afterwards. Absent: nothing came. */
  next: DesiredSlot.nullable().optional(),
  serving: Serving.nullable(),
  good: Serving.nullable(),
  before: Serving.nullable(),
  /** Number of the work under way; a result with another number is late and means nothing. */
  job: Count,
  attempts: Count,
  /** Starts of the agent during this observation. */
  restarts: Count,
  /** When the observation was over; only the server's acknowledgement is still missing. */
  observedAt: EpochMs.optional(),
  retryAt: EpochMs.optional(),
  reason: Reason.optional(),
  proof: ProofReport.optional(),
  penalties: z.array(Penalty),
  outbox: z.array(PhaseChange),
});
export type SlotState = z.infer<typeof SlotState>;

export function emptySlot(now: number): SlotState {
  return {
    phase: 'idle',
    since: now,
    target: null,
    serving: null,
    good: null,
    before: null,
    job: 0,
    attempts: 0,
    restarts: 0,
    penalties: [],
    outbox: [],
  };
}
