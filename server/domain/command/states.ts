import type { CommandOp, Reply } from '@flotilla/protocol';

/** A command's way: signed, taken by the broker, taken by the device, under way; then one of the four ends. */
export const commandStates = ['issued', 'sent', 'accepted', 'running', 'done', 'failed', 'refused', 'expired'] as const;
export type CommandState = (typeof commandStates)[number];

const finalStates: readonly CommandState[] = ['done', 'failed', 'refused', 'expired'];

export function isCommandFinished(state: CommandState): boolean {
  return finalStates.includes(state);
}

/**
 * Where a device's word brings a command; null when it changes nothing. Words come late, twice and in any order: a command never goes back,
 * and ends once. An answer that comes after the time ran out counts, because the device has done it.
 */
export function stateAfter(state: CommandState, { status }: Pick<Reply, 'status'>): CommandState | null {
  if (state === 'expired') return finalStates.some((each) => each === status) ? status : null;
  if (isCommandFinished(state)) return null;
  return commandStates.indexOf(status) >= commandStates.indexOf(state) ? status : null;
}

/** What people may ask of a device here; leaving the fleet has a way of its own. */
export const askableOps = ['ping', 'restart-runner', 'diagnostics', 'benchmark', 'set-log-level', 'capture'] as const;
export type AskableOp = (typeof askableOps)[number] & CommandOp;

/** A device that has not taken a command by then never will. */
export const COMMAND_LIFE_MS = 15 * 60_000;

/** A device that took a command and says nothing more for this long has lost it. */
export const SILENCE_MS = 75 * 60_000;

/** Between two times that a command is sent: a second lost on a bad link is soon made good, and a broker's queue stays short. */
export function resendDelayMs(sends: number): number {
  return Math.min(60_000, 5_000 * 2 ** Math.min(sends, 5));
}
