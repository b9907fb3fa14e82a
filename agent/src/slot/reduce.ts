import type { Decision, SlotInput } from './inputs.ts';
import { onAble } from './on-able.ts';
import { isUncuttable, onDesired } from './on-desired.ts';
import { onFailed } from './on-failed.ts';
import { onStarted } from './on-started.ts';
import { PENALTY_MS } from './retry-policy.ts';
import type { SlotState } from './state.ts';
import { enter, keep, rest, startWork } from './transitions.ts';
import { closedUntil, isWaitingForWindow, waitForWindow } from './windows.ts';

/**
 * The slot machine: from a state and what happened to the next state and what to do. Pure: time and chance are arguments.
 * The caller writes the state to disk before it does anything of the effects, so that a crash between any two steps ends
 * in a state from which `started` goes on.
 */
export function reduce(state: SlotState, input: SlotInput, now: number): Decision<SlotState> {
  return thenNext(decide(state, input, now), now);
}

function decide(state: SlotState, input: SlotInput, now: number): Decision<SlotState> {
  switch (input.type) {
    case 'started':
      return onStarted(state, input.jitter, now);
    case 'desired':
      return onDesired(state, input.slot, now);
    case 'retry':
      return onRetry(state, now);
    case 'able':
      return onAble(state, now);
    case 'failed':
      return input.job === state.job ? onFailed(state, input, now) : keep(state);
    case 'done':
      return input.job === state.job ? onDone(state, input, now) : keep(state);
    case 'acknowledged':
      return input.job === state.job && state.observedAt !== undefined ? becomeActive(state, now) : keep(state);
  }
}

const following = {
  accepted: 'downloading',
  downloading: 'verifying',
  verifying: 'staging',
  staging: 'proving',
  proving: 'switching',
} as const;

function onDone(state: SlotState, input: Extract<SlotInput, { type: 'done' }>, now: number): Decision<SlotState> {
  const { retryAt: _, ...rested } = state;
  switch (state.phase) {
    case 'accepted':
    case 'downloading':
    case 'verifying':
    case 'staging':
      return enter(rested, following[state.phase], now);
    case 'proving':
      return proved({ ...rested, ...(input.proof && { proof: input.proof }) }, now);
    case 'switching':
      return switched(rested, now);
    case 'observing':
      return { state: { ...state, observedAt: now }, effects: [{ kind: 'await-ack', job: state.job }] };
    case 'reverting':
      return reverted(rested, now);
    default:
      return keep(state);
  }
}

/** When the window closed during the proof, nothing changes: what served serves, and the next window begins with a proof. */
function proved(state: SlotState, now: number): Decision<SlotState> {
  const opensAt = closedUntil('switching', state, now);
  if (opensAt === null) return enter(state, 'switching', now);
  const waiting = waitForWindow(state, 'window.activate', opensAt);
  return { state: waiting.state, effects: [...waiting.effects, { kind: 'prune' }, { kind: 'serve' }] };
}

function switched(state: SlotState, now: number): Decision<SlotState> {
  if (!state.target) return keep(state);
  const { observedAt: _, ...fresh } = state;
  const serving = { deployment: state.target.deployment, release: state.target.release, since: now };
  return enter({ ...fresh, serving, restarts: 0 }, 'observing', now);
}

function reverted(state: SlotState, now: number): Decision<SlotState> {
  const at = state.reason?.retry === 'later' ? state.reason.nextTryAt : undefined;
  const ended = rest({ ...state, serving: state.good, ...(at !== undefined && { retryAt: at }) }, 'reverted', now);
  return { state: ended.state, effects: at === undefined ? [] : [{ kind: 'wake', at }] };
}

/** What came during a step that must not be cut takes its place as soon as the step is over. */
function thenNext({ state, effects }: Decision<SlotState>, now: number): Decision<SlotState> {
  if (state.next === undefined || isUncuttable(state.phase)) return { state, effects };
  const { next, ...rested } = state;
  const then = onDesired(rested, next, now);
  return { state: then.state, effects: [...effects, ...then.effects] };
}

function becomeActive(state: SlotState, now: number): Decision<SlotState> {
  const { observedAt: _, reason: _reason, retryAt: _retryAt, ...rested } = state;
  const isOther = state.good !== null && state.good.release.id !== state.serving?.release.id;
  const penalties = state.penalties.filter((each) => each.releaseId !== state.target?.release.id);
  const before = isOther ? state.good : state.before;
  const ended = rest({ ...rested, good: state.serving, before, penalties, attempts: 0 }, 'active', now);
  return { state: ended.state, effects: [{ kind: 'prune' }] };
}

/**
 * Comes when a wait should be over, and now and then while it lasts. A clock that was set meanwhile makes a window open earlier or later
 * than it was said to, and must not make another wait longer than waits are.
 */
function onRetry(state: SlotState, now: number): Decision<SlotState> {
  if (state.retryAt === undefined) return keep(state);
  if (isWaitingForWindow(state)) return onWindow(state, now);
  if (state.retryAt > now && state.retryAt <= now + PENALTY_MS) return keep(state);
  const { retryAt: _, ...rested } = state;
  if (state.phase === 'failed' || state.phase === 'reverted') return enter(rested, 'accepted', now);
  return startWork(rested, now);
}

function onWindow(state: SlotState, now: number): Decision<SlotState> {
  const opensAt = closedUntil(state.phase, state, now);
  if (opensAt !== null && opensAt === state.retryAt) return keep(state);
  const code = state.phase === 'downloading' ? 'window.download' : 'window.activate';
  if (opensAt !== null) return waitForWindow(state, code, opensAt);
  return startWork(state, now);
}
