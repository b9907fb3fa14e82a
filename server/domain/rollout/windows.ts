import { parseCron } from '@flotilla/protocol';
import { Cron } from 'croner';
import * as z from 'zod';

/** Longest a window may stay open: a day. */
const MAX_WINDOW_MINUTES = 1_440;
const MINUTE_MS = 60_000;

/** Patterns kept parsed: parsing costs more than asking. */
const MAX_PARSED = 500;
const parsed = new Map<string, Cron>();

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

/** Is the window open at `at`, until when, or when does it open next? Summer time is the time zone's own. */
export function windowAt(window: Window, at: Date): WindowState {
  const lengthMs = window.minutes * MINUTE_MS;
  const opensAt = cronOf(window).nextRun(new Date(at.getTime() - lengthMs));
  if (!opensAt) throw new Error(`the window "${window.cron}" never opens`);
  return opensAt <= at ? { isOpen: true, until: new Date(opensAt.getTime() + lengthMs) } : { isOpen: false, opensAt };
}

/** The first moment at or after `from` at which the window is open. No window is always open. */
export function openFrom(window: Window | null, from: Date): Date {
  if (!window) return from;
  const state = windowAt(window, from);
  return state.isOpen ? from : state.opensAt;
}

function cronOf({ cron, timeZone }: Pick<Window, 'cron' | 'timeZone'>): Cron {
  const key = `${timeZone} ${cron}`;
  const known = parsed.get(key);
  if (known) return known;
  if (parsed.size >= MAX_PARSED) parsed.clear();
  const made = new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true });
  parsed.set(key, made);
  return made;
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) !== null;
  } catch {
    return false;
  }
}

/** What devices read is what is taken: the library here knows more forms than they do. */
function opensEver(window: { cron: string; timeZone: string }): boolean {
  try {
    parseCron(window.cron);
    return isTimeZone(window.timeZone) && cronOf(window).nextRun(new Date(0)) !== null;
  } catch {
    return false;
  }
}
