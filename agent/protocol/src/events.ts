import * as z from 'zod';
import { MAX_EVENTS_PER_MESSAGE } from './limits.ts';
import { BootId, Count, EpochMs, Seq, SlotName, Uuid } from './primitives.ts';
import { Reason } from './reasons.ts';
import { Phase, ProofReport } from './reported.ts';

/** Kinds this version knows. A kind from a newer agent is counted and dropped, and still acknowledged. */
export const eventKinds = ['phase', 'refused', 'runner', 'agent', 'upgrade'] as const;

const told = {
  seq: Seq,
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
  upgrade: z.looseObject({ order: Uuid, from: z.string().max(64), to: z.string().max(64) }).optional(),
};

/**
 * One thing that happened on a device, as the server keeps it.
 * `phase`: a slot moved from one phase to another. `refused`: a document was not accepted.
 * `runner`: the runner started, crashed or was restarted. `agent`: the agent itself started or dropped spooled data.
 * `upgrade`: the agent's own upgrade moved from one phase to another; `from` and `to` of `upgrade` are versions.
 */
export const KeptEvent = z.looseObject({ boot: BootId, ...told });
export type KeptEvent = z.infer<typeof KeptEvent>;

/** The same in the device's spool, where it stays until it is acknowledged. */
export const DeviceEvent = KeptEvent.extend({
  /** Lowest sequence number of this boot the device still holds: all below was acknowledged or dropped. */
  oldestSeq: Seq,
});
export type DeviceEvent = z.infer<typeof DeviceEvent>;

/**
 * What one message on `events` carries: an event, and in `more` those of the same spool that came in the same breath, in order. A
 * receiver that does not know `more` takes the first and has the others sent again.
 */
export const EventMessage = DeviceEvent.extend({
  more: z
    .array(z.looseObject(told))
    .max(MAX_EVENTS_PER_MESSAGE - 1)
    .optional(),
});
export type EventMessage = z.infer<typeof EventMessage>;

/** The events of a message, each whole. */
export function eventsOf({ more = [], ...first }: EventMessage): DeviceEvent[] {
  const { boot, oldestSeq } = first;
  return [first, ...more.map((each) => ({ ...each, boot, oldestSeq }))];
}
