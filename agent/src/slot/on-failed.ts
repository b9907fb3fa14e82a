import type { Decision, SlotInput } from './inputs.ts';
import { isPersistent, judgeFailure, persistentRetryAt } from './retry-policy.ts';
import type { SlotState } from './state.ts';
import { enter, keep, rest, startWork } from './transitions.ts';
import { closedUntil, waitForWindow } from './windows.ts';

type Failure = Pick<Extract<SlotInput, { type: 'failed' }>, 'code' | 'detail' | 'jitter' | 'proof'>;

/** A step failed. Whatever it was, the version that was good keeps serving or serves again. */
export function onFailed(state: SlotState, failure: Failure, now: number): Decision<SlotState> {
  if (!state.target) return keep(state);
  if (failure.code === 'window.download') return waitOrGoOn(state, now);
  if (state.phase === 'reverting' || isPersistent(failure.code, state.phase)) {
    return tryOnInPlace(state, failure, now);
  }
  const releaseId = state.target.release.id;
  const { penalties, reason, failures } = judgeFailure(state.penalties, { releaseId, ...failure }, now);
  const { retryAt: _, observedAt: _o, ...rested } = state;
  const proof = failure.proof ?? state.proof;
  const judged: SlotState = { ...rested, penalties, reason, attempts: failures, ...(proof && { proof }) };
  if (state.phase === 'switching' || state.phase === 'observing') return goBack(judged, now);
  return fail(judged, now);
}

/** The window was closed when the work looked; it may have opened since. */
function waitOrGoOn(state: SlotState, now: number): Decision<SlotState> {
  const opensAt = closedUntil(state.phase, state, now);
  return opensAt === null ? startWork(state, now) : waitForWindow(state, 'window.download', opensAt);
}

/** Only time can help: the same step again after a wait, saying why in the report. */
function tryOnInPlace(state: SlotState, { code, detail, jitter }: Failure, now: number): Decision<SlotState> {
  const retryAt = persistentRetryAt(state.attempts, jitter, now);
  const shown = { code, detail: detail.slice(0, 1000), retry: 'later' as const, nextTryAt: retryAt };
  const reason = state.phase === 'reverting' ? state.reason : shown;
  const waiting = { ...state, attempts: state.attempts + 1, retryAt, ...(reason && { reason }) };
  return { state: waiting, effects: [{ kind: 'wake', at: retryAt }] };
}

/** After the pointer may have moved: back to what was good. Without such a version there is nothing to go back to. */
function goBack(state: SlotState, now: number): Decision<SlotState> {
  if (state.good) return enter(state, 'reverting', now);
  const failed = fail({ ...state, serving: null }, now);
  return { ...failed, effects: [...failed.effects, { kind: 'serve' }] };
}

function fail(state: SlotState, now: number): Decision<SlotState> {
  const at = state.reason?.retry === 'later' ? state.reason.nextTryAt : undefined;
  const { state: failed, effects } = rest({ ...state, ...(at !== undefined && { retryAt: at }) }, 'failed', now);
  return { state: failed, effects: at === undefined ? effects : [...effects, { kind: 'wake', at }] };
}
