import type { Decision, SlotEffect } from './inputs.ts';
import { onFailed } from './on-failed.ts';
import type { SlotState } from './state.ts';
import { startWork } from './transitions.ts';

/** Starts of the agent that one observation, or a first switch, survives: a release that takes the agent down ends here. */
const MAX_RESTARTS = 2;

/** The agent starts and finds this state on disk. First what serves, then what was under way. */
export function onStarted(state: SlotState, jitter: number, now: number): Decision<SlotState> {
  const { state: resumed, effects } = resume(state, jitter, now);
  const serving = servingAtStart(resumed);
  const known = serving === resumed.serving ? resumed : { ...resumed, serving };
  return { state: known, effects: [{ kind: 'serve' }, ...effects] };
}

/** What answers from the first moment on. */
export function servingAtStart(state: SlotState): SlotState['serving'] {
  return state.phase === 'reverting' ? state.good : state.serving;
}

function resume(state: SlotState, jitter: number, now: number): Decision<SlotState> {
  const waiting: SlotEffect[] = state.retryAt === undefined ? [] : [{ kind: 'wake', at: state.retryAt }];
  switch (state.phase) {
    case 'switching':
    case 'observing':
      return resumeTrial(state, jitter, now);
    case 'accepted':
    case 'downloading':
    case 'verifying':
    case 'staging':
    case 'proving':
    case 'reverting':
      return startWork(state, now);
    default:
      return { state, effects: waiting };
  }
}

/**
 * In the midst of a switch it is not known who served: back to what was good. A release under observation goes on being
 * observed, but not if the agent keeps dying with it.
 */
function resumeTrial(state: SlotState, jitter: number, now: number): Decision<SlotState> {
  if (state.phase === 'observing' && state.observedAt !== undefined) {
    const job = state.job + 1;
    return { state: { ...state, job }, effects: [{ kind: 'await-ack', job }] };
  }
  const counted = { ...state, restarts: state.restarts + 1 };
  const isMidSwitch = state.phase === 'switching' && state.good !== null;
  if (!isMidSwitch && counted.restarts <= MAX_RESTARTS) return startWork(counted, now);
  const detail = `the agent started again while the slot was ${state.phase}`;
  return onFailed(counted, { code: 'agent.restarted', detail, jitter }, now);
}
