import type { DesiredSlot, KnownReasonCode, Phase, ProofReport } from '@flotilla/protocol';

/** Phases with work of their own. */
export const workPhases = [
  'accepted',
  'downloading',
  'verifying',
  'staging',
  'proving',
  'switching',
  'observing',
  'reverting',
] as const satisfies readonly Phase[];
export type WorkPhase = (typeof workPhases)[number];

/** Is a slot in this phase on its way to another? */
export function isWorking(phase: Phase): phase is WorkPhase {
  return workPhases.some((each) => each === phase);
}

/**
 * What can happen to a slot. `jitter` in [0, 1) is drawn by the caller so that deciding stays pure.
 * `able`: the container engine of this device answers now, and did not before.
 */
export type SlotInput =
  | { type: 'started'; jitter: number }
  | { type: 'desired'; slot: DesiredSlot | null }
  | { type: 'done'; job: number; proof?: ProofReport }
  | { type: 'failed'; job: number; code: KnownReasonCode; detail: string; jitter: number; proof?: ProofReport }
  | { type: 'acknowledged'; job: number }
  | { type: 'able' }
  | { type: 'retry' };

/**
 * What must be done about it, after the new state is on disk. `work` starts the phase's work and ends any other; `serve`
 * sees to it that `serving` runs (or nothing, when it is null); `await-ack` waits for the server's round trip.
 */
export type SlotEffect =
  | { kind: 'work'; phase: WorkPhase; job: number }
  | { kind: 'cancel' }
  | { kind: 'serve' }
  | { kind: 'await-ack'; job: number }
  | { kind: 'wake'; at: number }
  | { kind: 'prune' };

export type Decision<State> = { state: State; effects: SlotEffect[] };
