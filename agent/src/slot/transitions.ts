import type { Phase } from '@flotilla/protocol';
import { type Decision, type WorkPhase, workPhases } from './inputs.ts';
import type { PhaseChange, SlotState } from './state.ts';

/** Changes of phase that wait for the spool; far more than one decision can make. */
const MAX_OUTBOX = 16;

export function keep(state: SlotState): Decision<SlotState> {
  return { state, effects: [] };
}

/** Moves to a phase and writes the change down. No work of the phase left behind may report any more. */
export function move(state: SlotState, to: Phase, now: number): SlotState {
  const change: PhaseChange = {
    at: now,
    from: state.phase,
    to,
    ...(state.target && { deployment: state.target.deployment, releaseId: state.target.release.id }),
    ...(state.reason && { reason: state.reason }),
    ...(state.phase === 'proving' && state.proof && { proof: state.proof }),
  };
  const outbox = [...state.outbox, change].slice(-MAX_OUTBOX);
  return { ...state, phase: to, since: now, job: state.job + 1, outbox };
}

/** Moves to a phase that works, and starts its work. */
export function enter(state: SlotState, to: WorkPhase, now: number): Decision<SlotState> {
  const { reason: _, ...rested } = state;
  const moved = move(to === 'reverting' ? state : rested, to, now);
  return { state: moved, effects: [{ kind: 'work', phase: to, job: moved.job }] };
}

/** Moves to a phase in which nothing happens. */
export function rest(state: SlotState, to: Phase, now: number): Decision<SlotState> {
  return { state: move(state, to, now), effects: [{ kind: 'cancel' }] };
}

/** Starts the work of the present phase again, without a change of phase. */
export function startWork(state: SlotState): Decision<SlotState> {
  const phase = workPhases.find((each) => each === state.phase);
  if (!phase) return keep(state);
  const job = state.job + 1;
  return { state: { ...state, job }, effects: [{ kind: 'work', phase, job }] };
}
