import type { DesiredSlot, Phase } from '@flotilla/protocol';
import type { Decision } from './inputs.ts';
import { penaltyUntil } from './retry-policy.ts';
import type { SlotState } from './state.ts';
import { enter, keep, move, rest, startWork } from './transitions.ts';
import { hasOtherWindows, isWaitingForWindow } from './windows.ts';

const restingPhases = new Set(['idle', 'active', 'failed', 'reverted']);

/** Steps that move the pointer: they end one way or the other before anything else begins. */
export function isUncuttable(phase: Phase): boolean {
  return phase === 'switching' || phase === 'reverting';
}

/** A new desired state of this slot. It takes the place of any other at any step, except in the midst of a switch. */
export function onDesired(state: SlotState, slot: DesiredSlot | null, now: number): Decision<SlotState> {
  if (isUncuttable(state.phase)) return keep({ ...state, next: slot });
  if (slot === null) return stop(state, now);
  if (isSame(state.target, slot)) return takeWindows(state, slot, now);
  const fresh = renew(supersede(state, now), slot, now);
  if (state.serving?.release.id === slot.release.id) return adopt(fresh, slot, now);
  const until = penaltyUntil(fresh.penalties, slot.release.id, now);
  return until === null ? enter(fresh, 'accepted', now) : refuseInBox(move(fresh, 'accepted', now), until, now);
}

function isSame(target: DesiredSlot | null, slot: DesiredSlot): boolean {
  return target?.deployment === slot.deployment && target.release.id === slot.release.id;
}

/** The same deployment with other windows: what waits for one looks again. */
function takeWindows(state: SlotState, slot: DesiredSlot, now: number): Decision<SlotState> {
  if (!state.target || !hasOtherWindows(state.target, slot)) return keep(state);
  const changed = { ...state, target: slot };
  return isWaitingForWindow(state) ? startWork(changed, now) : keep(changed);
}

/** Ends the deployment under way, if there is one, with a reason of its own. */
function supersede(state: SlotState, now: number): SlotState {
  if (restingPhases.has(state.phase)) return state;
  const reason = { code: 'superseded.newer', detail: 'a newer desired state arrived', retry: 'never' as const };
  return move({ ...state, reason }, 'superseded', now);
}

/** Nothing of the deployment before sticks to the new one. Failures of other releases are forgotten. */
function renew(state: SlotState, slot: DesiredSlot, now: number): SlotState {
  const { reason: _r, proof: _p, retryAt: _t, observedAt: _o, next: _n, ...kept } = state;
  const penalties = state.penalties.filter((each) => each.releaseId === slot.release.id);
  return { ...kept, since: now, target: slot, penalties, attempts: 0, restarts: 0 };
}

/** The release already serves: nothing to fetch or prove. One that was never good is observed from the start. */
function adopt(state: SlotState, slot: DesiredSlot, now: number): Decision<SlotState> {
  const serving = state.serving && { ...state.serving, deployment: slot.deployment };
  const isGood = state.good?.release.id === slot.release.id;
  const accepted = move({ ...state, serving, ...(isGood && { good: serving }) }, 'accepted', now);
  if (!isGood) return enter(accepted, 'observing', now);
  const observing = move({ ...accepted, observedAt: now }, 'observing', now);
  return { state: observing, effects: [{ kind: 'cancel' }, { kind: 'await-ack', job: observing.job }] };
}

function refuseInBox(state: SlotState, until: number, now: number): Decision<SlotState> {
  const detail = `not before ${new Date(until).toISOString()}`;
  const reason = { code: 'penalty.box', detail, retry: 'later' as const, nextTryAt: until };
  const { state: failed, effects } = rest({ ...state, reason, retryAt: until }, 'failed', now);
  return { state: failed, effects: [...effects, { kind: 'wake', at: until }] };
}

/** Nothing shall run here. What ran stays on disk, so that coming back is quick. */
function stop(state: SlotState, now: number): Decision<SlotState> {
  if (state.phase === 'idle' && state.serving === null) return keep(state);
  const { reason: _r, proof: _p, retryAt: _t, observedAt: _o, ...kept } = supersede(state, now);
  const { state: idle, effects } = rest(kept, 'idle', now);
  const before = state.good ?? state.before;
  const stopped = { ...idle, target: null, serving: null, good: null, before, attempts: 0, penalties: [] };
  return { state: stopped, effects: [...effects, { kind: 'serve' }, { kind: 'prune' }] };
}
