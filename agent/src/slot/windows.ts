import { type DesiredSlot, type DesiredWindow, type KnownReasonCode, type Phase, windowAt } from '@flotilla/protocol';
import { messageOf } from '../logger.ts';
import { ReasonError } from '../reason-error.ts';
import type { Decision, SlotEffect } from './inputs.ts';
import type { SlotState } from './state.ts';

/** A window that this device cannot read is asked again after this: an upgrade of the agent or of its time zones may help. */
const UNREADABLE_RETRY_MS = 3_600_000;

/** @throws ReasonError for a window that this device cannot read, before anything is done for it. */
export function checkWindows({ target }: Pick<SlotState, 'target'>): void {
  for (const phase of ['downloading', 'switching'] as const) {
    const window = windowOf(phase, { target, good: null });
    if (!window) continue;
    try {
      windowAt(window, 0);
    } catch (error) {
      throw new ReasonError('release.malformed', `the window "${window.cron}" ${window.timeZone}: ${messageOf(error)}`);
    }
  }
}

/** Bytes a second that a download may take; undefined without a limit. */
export function paceOf({ target }: Pick<SlotState, 'target'>): number | undefined {
  return typeof target?.download === 'object' ? target.download.maxBytesPerS : undefined;
}

type WindowCode = Extract<KnownReasonCode, `window.${string}`>;

/** The window in which a phase may work; null: at any time. What was good already may come back at any time. */
export function windowOf(phase: Phase, { target, good }: Pick<SlotState, 'target' | 'good'>): DesiredWindow | null {
  if (!target || target.release.id === good?.release.id) return null;
  const { download, activate } = target;
  if (phase === 'downloading') return (typeof download === 'object' && download.window) || null;
  const isChange = phase === 'proving' || phase === 'switching';
  return isChange && typeof activate === 'object' ? activate.window : null;
}

/** When the closed window of this phase opens; null when the phase may work now. */
export function closedUntil(phase: Phase, state: Pick<SlotState, 'target' | 'good'>, now: number): number | null {
  const window = windowOf(phase, state);
  if (!window) return null;
  try {
    const found = windowAt(window, now);
    return found.isOpen ? null : found.opensAtMs;
  } catch {
    return now + UNREADABLE_RETRY_MS;
  }
}

/** Waits in the present phase, saying in the report for what and until when. No work of before may report any more. */
export function waitForWindow(state: SlotState, code: WindowCode, opensAt: number): Decision<SlotState> {
  const detail = `the window opens at ${new Date(opensAt).toISOString()}`;
  const reason = { code, detail, retry: 'later' as const, nextTryAt: opensAt };
  const effects: SlotEffect[] = [{ kind: 'cancel' }, { kind: 'wake', at: opensAt }];
  return { state: { ...state, job: state.job + 1, retryAt: opensAt, reason }, effects };
}

export function isWaitingForWindow({ retryAt, reason }: Pick<SlotState, 'retryAt' | 'reason'>): boolean {
  return retryAt !== undefined && reason?.code.startsWith('window.') === true;
}

/** The wait is over, and so is its reason. */
export function withoutWindow(state: SlotState): SlotState {
  if (!isWaitingForWindow(state)) return state;
  const { retryAt: _, reason: _reason, ...rested } = state;
  return rested;
}

export function hasOtherWindows(slot: DesiredSlot, other: DesiredSlot): boolean {
  const text = ({ download, activate }: DesiredSlot) => JSON.stringify([download, activate]);
  return text(slot) !== text(other);
}
