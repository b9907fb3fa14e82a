import type { KnownReasonCode, Phase, Reason } from '@flotilla/protocol';
import { backoffMs } from '../backoff.ts';
import type { BeforeSwitch, UpgradeDecision, UpgradeEffect, UpgradeInput, UpgradeWork } from './inputs.ts';
import { upgradeWork } from './inputs.ts';
import type { UpgradeChange, UpgradeState, UpgradeTarget } from './state.ts';

/** Tries of one order before it rests for a day, or, where the server was away, for good. */
const MAX_TRIES = 3;
const REST_MS = 24 * 3_600_000;

/** First and longest wait before what may pass by itself is tried again. */
const RETRY_FIRST_MS = 30_000;
const RETRY_LONGEST_MS = 10 * 60_000;

/** Changes of phase that wait for the spool. */
const MAX_OUTBOX = 16;

/** The fault of the network: tried for ever, in place, going on where it stopped. */
const persistent = new Set<KnownReasonCode>(['download.network', 'download.too_slow']);

/** May pass by itself. Every other failure is the same the next time. */
const passing = new Set<KnownReasonCode>([
  'download.not_found',
  'download.too_large',
  'verify.digest',
  'verify.size',
  'storage.full',
  'storage.io',
]);

const following = {
  downloading: 'verifying',
  verifying: 'staging',
  staging: 'proving',
  proving: 'switching',
} as const;

/**
 * The agent's own upgrade: from a state and what happened to the next state and what to do. Pure. The caller writes the state down before
 * it does anything of the effects. Whichever agent starts after a crash reads the same state, and knows by its version which one it is.
 */
export function reduceUpgrade(state: UpgradeState, input: UpgradeInput, now: number): UpgradeDecision {
  switch (input.type) {
    case 'started':
      return onStarted(state, input, now);
    case 'desired':
      return onDesired(state, input.target, input.version, now);
    case 'done':
      return input.job === state.job ? onDone(state, input.found, now) : keep(state);
    case 'failed':
      return input.job === state.job ? onFailed(state, input, now) : keep(state);
    case 'answered':
      return onAnswered(state, now);
    case 'retry':
      return onRetry(state, now);
  }
}

function onStarted(
  state: UpgradeState,
  { version, mark }: Extract<UpgradeInput, { type: 'started' }>,
  now: number,
): UpgradeDecision {
  const isTarget = state.target?.version === version;
  switch (state.phase) {
    case 'downloading':
    case 'verifying':
    case 'staging':
    case 'proving':
      return isTarget ? adopt(state, now) : startWork(state);
    case 'switching':
      if (isTarget) return enter(state, 'observing', now);
      // Nothing points to the new one: the crash came first, and whatever is on disk of it is used again.
      return mark === 'none' ? enter(state, 'downloading', now) : cameBack(state, now);
    case 'observing':
      return isTarget ? startWork(state) : cameBack(state, now);
    case 'reverting':
      return isTarget ? startWork(state) : cameBack(state, now);
    case 'reverted':
      // The launcher could not write down that it is to be started no more.
      if (isTarget) return enter(state, 'reverting', now);
      return { state, effects: state.reason?.retry === 'later' ? [{ kind: 'await-answer' }] : [] };
    case 'failed':
      return { state, effects: state.retryAt === undefined ? [] : [{ kind: 'wake', at: state.retryAt }] };
    case 'active':
      // Installed by hand since: what is wanted is looked at anew.
      return isTarget ? keep(state) : keep({ ...state, phase: 'idle', since: now, target: null, from: version });
    default:
      return keep(state);
  }
}

function onDesired(state: UpgradeState, target: UpgradeTarget | null, version: string, now: number): UpgradeDecision {
  if (isUncuttable(state.phase)) {
    const isSame = target?.order === state.target?.order;
    const { next: _, ...rested } = state;
    return keep(isSame ? rested : { ...state, next: target });
  }
  if (target?.version === version) {
    const isKnown = state.phase === 'active' && state.target?.order === target.order;
    return isKnown ? keep(state) : adopt({ ...fresh(state, version), target }, now);
  }
  if (target === null) {
    if (!isWorking(state.phase)) return keep(state);
    return { state: move(without(state), 'superseded', now), effects: [{ kind: 'cancel' }, { kind: 'prune' }] };
  }
  // What failed for good under this order is not tried again, and what is under way goes on.
  if (state.target?.order === target.order && state.phase !== 'idle' && state.phase !== 'superseded')
    return keep(state);
  const ended = isWorking(state.phase) ? move(without(state), 'superseded', now) : state;
  return enter({ ...fresh(ended, version), target }, 'downloading', now);
}

function onDone(state: UpgradeState, found: BeforeSwitch | undefined, now: number): UpgradeDecision {
  const { retryAt: _, ...rested } = state;
  switch (state.phase) {
    case 'downloading':
    case 'verifying':
    case 'staging':
      return enter(rested, following[state.phase], now);
    case 'proving':
      return enter({ ...rested, ...found }, 'switching', now);
    case 'observing':
      return thenNext(adopt(rested, now), now);
    default:
      return keep(state);
  }
}

function onFailed(
  state: UpgradeState,
  { code, detail, jitter }: Extract<UpgradeInput, { type: 'failed' }>,
  now: number,
): UpgradeDecision {
  const about = { code, detail: detail.slice(0, 1000) };
  const attempts = state.attempts + 1;
  const isNoRoom = code.startsWith('storage.');
  if (state.phase === 'observing' && !isNoRoom) {
    const retry = code === 'upgrade.no_server' ? 'later' : 'never';
    return enter({ ...state, reason: { ...about, retry } }, 'reverting', now);
  }
  const isOnTrial = isUncuttable(state.phase) && state.phase !== 'switching';
  if (persistent.has(code) || isOnTrial) {
    const retryAt = now + backoffMs(state.attempts, jitter);
    const reason: Reason = { ...about, retry: 'later', nextTryAt: retryAt };
    // On trial the reason is why it goes back, and a full disk is no fault of the new agent.
    const kept = isOnTrial ? state : { ...state, reason };
    return { state: { ...kept, attempts, retryAt }, effects: [{ kind: 'wake', at: retryAt }] };
  }
  if (!passing.has(code))
    return rest({ ...state, reason: { ...about, retry: 'never' } }, 'failed', now, [{ kind: 'prune' }]);
  const wait = attempts < MAX_TRIES ? backoffMs(attempts - 1, jitter, RETRY_FIRST_MS, RETRY_LONGEST_MS) : REST_MS;
  const reason: Reason = { ...about, retry: 'later', nextTryAt: now + wait };
  return rest({ ...state, attempts, retryAt: now + wait, reason }, 'failed', now, [{ kind: 'wake', at: now + wait }]);
}

/**
 * The server answers. A device that has come back because its new agent had no answer learns now whose fault that was: an answer that comes
 * within the time that the new one had says that the new one could not get it. Else nobody could, and it is tried again.
 */
function onAnswered(state: UpgradeState, now: number): UpgradeDecision {
  if (state.phase !== 'reverted' || state.reason?.retry !== 'later' || !state.target) return keep(state);
  const tookMs = now - state.since;
  const attempts = state.attempts + 1;
  const isItsFault = tookMs >= 0 && tookMs <= state.target.confirmWithinS * 1000;
  if (isItsFault || attempts >= MAX_TRIES) return keep({ ...state, reason: { ...state.reason, retry: 'never' } });
  return enter({ ...state, attempts }, 'downloading', now);
}

/** A clock that was set meanwhile must not make a wait longer than waits are. */
function onRetry(state: UpgradeState, now: number): UpgradeDecision {
  if (state.retryAt === undefined || (state.retryAt > now && state.retryAt <= now + REST_MS)) return keep(state);
  const { retryAt: _, ...rested } = state;
  return state.phase === 'failed' ? enter(rested, 'downloading', now) : startWork(rested);
}

/** The agent from before runs again. The new one may have said why; when it could not, it ended too often. */
function cameBack(state: UpgradeState, now: number): UpgradeDecision {
  const crashed: Reason = {
    code: 'upgrade.crashed',
    detail: `${state.target?.version} did not stay up`,
    retry: 'never',
  };
  const reason = state.reason ?? crashed;
  const effects: UpgradeEffect[] = [{ kind: 'prune' }];
  if (reason.retry === 'later') effects.push({ kind: 'await-answer' });
  return thenNext(rest({ ...state, reason }, 'reverted', now, effects), now);
}

/** The wanted version runs. */
function adopt(state: UpgradeState, now: number): UpgradeDecision {
  const { reason: _, retryAt: _retryAt, ...rested } = state;
  return rest({ ...rested, attempts: 0 }, 'active', now, [{ kind: 'prune' }]);
}

/** What came during a step that must not be cut takes its place as soon as the step is over. */
function thenNext(decision: UpgradeDecision, now: number): UpgradeDecision {
  const { next, ...rested } = decision.state;
  if (next === undefined) return decision;
  const running = rested.phase === 'active' ? (rested.target?.version ?? rested.from) : rested.from;
  const then = onDesired(rested, next, running, now);
  return { state: then.state, effects: [...decision.effects, ...then.effects] };
}

function fresh(state: UpgradeState, version: string): UpgradeState {
  return { ...without(state), from: version, attempts: 0, served: [] };
}

function without({ reason: _, retryAt: _retryAt, ...state }: UpgradeState): UpgradeState {
  return state;
}

function isUncuttable(phase: Phase): boolean {
  return phase === 'switching' || phase === 'observing' || phase === 'reverting';
}

function isWorking(phase: Phase): boolean {
  return upgradeWork.some((each) => each === phase);
}

function keep(state: UpgradeState): UpgradeDecision {
  return { state, effects: [] };
}

function rest(state: UpgradeState, to: Phase, now: number, effects: UpgradeEffect[]): UpgradeDecision {
  return { state: move(state, to, now), effects: [{ kind: 'cancel' }, ...effects] };
}

function enter(state: UpgradeState, to: UpgradeWork, now: number): UpgradeDecision {
  const entered = move(to === 'reverting' ? state : without(state), to, now);
  return { state: entered, effects: [{ kind: 'work', phase: to, job: entered.job }] };
}

function startWork(state: UpgradeState): UpgradeDecision {
  const phase = upgradeWork.find((each) => each === state.phase);
  const job = state.job + 1;
  return phase ? { state: { ...state, job }, effects: [{ kind: 'work', phase, job }] } : keep(state);
}

/** Moves to a phase and writes the change down. No work of the phase left behind may report any more. */
function move(state: UpgradeState, to: Phase, now: number): UpgradeState {
  const { target, from } = state;
  const change: UpgradeChange[] = target
    ? [
        {
          at: now,
          from: state.phase,
          to,
          order: target.order,
          fromVersion: from,
          toVersion: target.version,
          ...(state.reason && { reason: state.reason }),
        },
      ]
    : [];
  return {
    ...state,
    phase: to,
    since: now,
    job: state.job + 1,
    outbox: [...state.outbox, ...change].slice(-MAX_OUTBOX),
  };
}
