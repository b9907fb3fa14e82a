import type { Decision, SlotEffect } from './inputs.ts';
import type { SlotState } from './state.ts';
import { enter, keep, startWork } from './transitions.ts';

/** In these the pointer does not move, and what serves may be started again beside them. */
const quiet = new Set(['idle', 'observing', 'active', 'failed', 'reverted']);

/**
 * The device can run containers again: what serves starts without waiting for its turn, and what was refused or waits for the lack of
 * an engine goes on at once.
 */
export function onAble(state: SlotState, now: number): Decision<SlotState> {
  const { retryAt: _, ...rested } = state;
  const serve: SlotEffect[] = state.serving && quiet.has(state.phase) ? [{ kind: 'serve' }] : [];
  if (wasUnable(state)) {
    const penalties = state.penalties.filter((each) => each.releaseId !== state.target?.release.id);
    return after(serve, enter({ ...rested, penalties, attempts: 0 }, 'accepted', now));
  }
  const isWaiting = state.retryAt !== undefined && state.reason?.code === 'container.engine_away';
  if (!isWaiting) return after(serve, keep(state));
  return after(serve, state.phase === 'failed' ? enter(rested, 'accepted', now) : startWork(rested, now));
}

function wasUnable({ phase, reason, target }: SlotState): boolean {
  return phase === 'failed' && reason?.code === 'release.runtime' && target?.release.runtime.kind === 'container';
}

function after(first: SlotEffect[], { state, effects }: Decision<SlotState>): Decision<SlotState> {
  return { state, effects: [...first, ...effects] };
}
