import type { Phase } from '@flotilla/protocol';
import { type Decision, isWorking, type WorkPhase } from './inputs.ts';
import type { PhaseChange, SlotState } from './state.ts';
import { closedUntil, waitForWindow, withoutWindow } from './windows.ts';

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
  return begin(move(to === 'reverting' ? state : rested, to, now), to, now);
}

/** Moves to a phase in which nothing happens. */
export function rest(state: SlotState, to: Phase, now: number): Decision<SlotState> {
  return { state: move(state, to, now), effects: [{ kind: 'cancel' }] };
}

/** Starts the work of the present phase again, without a change of phase. */
export function startWork(state: SlotState, now: number): Decision<SlotState> {
  return isWorking(state.phase) ? begin({ ...state, job: state.job + 1 }, state.phase, now) : keep(state);
}

/** A proof takes memory and time from what serves, so it waits for the window of the switch. Downloads ask for theirs themselves. */
function begin(state: SlotState, phase: WorkPhase, now: number): Decision<SlotState> {
  const opensAt = phase === 'proving' ? closedUntil(phase, state, now) : null;
  if (opensAt !== null) return waitForWindow(state, 'window.activate', opensAt);
  return { state: withoutWindow(state), effects: [{ kind: 'work', phase, job: state.job }] };
}
