import { windowAt as stateAt } from '@flotilla/protocol';
import * as z from 'zod';

/** Longest a window may stay open: a day. */
const MAX_WINDOW_MINUTES = 1_440;

/** A time that comes again: it opens when the cron pattern (five fields) says so in the time zone, for so many minutes. */
export const Window = z
  .object({
    cron: z.string().trim().min(1).max(100),
    timeZone: z.string().max(64).default('UTC').refine(isTimeZone, 'is not a time zone such as Europe/Oslo'),
    minutes: z.number().int().min(1).max(MAX_WINDOW_MINUTES),
  })
  .refine(opensEver, {
    path: ['cron'],
    message:
      'is not a cron pattern of five fields that devices read and that ever comes, such as 0 2 * * 1-5; L, W, # and names such as @daily are not read',
  });
export type Window = z.infer<typeof Window>;

export type WindowState = { isOpen: true; until: Date } | { isOpen: false; opensAt: Date };

/** Is the window open at `at`, until when, or when does it open next? As devices find it, by the same code. */
export function windowAt(window: Window, at: Date): WindowState {
  const state = stateAt(window, at.getTime());
  return state.isOpen
    ? { isOpen: true, until: new Date(state.untilMs) }
    : { isOpen: false, opensAt: new Date(state.opensAtMs) };
}

/** The first moment at or after `from` at which the window is open. No window is always open. */
export function openFrom(window: Window | null, from: Date): Date {
  if (!window) return from;
  const state = windowAt(window, from);
  return state.isOpen ? from : state.opensAt;
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) !== null;
  } catch {
    return false;
  }
}

function opensEver(window: { cron: string; timeZone: string; minutes: number }): boolean {
  try {
    stateAt(window, 0);
    return true;
  } catch {
    return false;
  }
}
