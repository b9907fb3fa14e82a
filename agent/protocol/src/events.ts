import * as z from 'zod';
import { BootId, Count, EpochMs, Seq, SlotName, Uuid } from './primitives.ts';
import { Reason } from './reasons.ts';
import { Phase, ProofReport } from './reported.ts';

/** Kinds this version knows. A kind from a newer agent is counted and dropped, and still acknowledged. */
export const eventKinds = ['phase', 'refused', 'runner', 'agent'] as const;

/**
 * One thing that happened on a device, kept in the device's spool until acknowledged.
 * `phase`: a slot moved from one phase to another. `refused`: a document was not accepted.
 * `runner`: the runner started, crashed or was restarted. `agent`: the agent itself started or dropped spooled data.
 */
export const DeviceEvent = z.looseObject({
  boot: BootId,
  seq: Seq,
  /** Lowest sequence number of this boot the device still holds: all below was acknowledged or dropped. */
  oldestSeq: Seq,
  at: EpochMs,
  kind: z.string().max(32),
  slot: SlotName.optional(),
  deployment: Uuid.optional(),
  releaseId: Uuid.optional(),
  from: Phase.optional(),
  to: Phase.optional(),
  reason: Reason.optional(),
  message: z.string().max(1000).optional(),
  proof: ProofReport.optional(),
  dropped: Count.optional(),
});
export type DeviceEvent = z.infer<typeof DeviceEvent>;
