import { type Cron, parseCron } from './cron.ts';
import type { DesiredWindow } from './desired-state.ts';
import { asUtc, type WallClock, wallClockOf } from './wall-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The 29th of February comes at least every eight years. */
const LOOK_AHEAD_DAYS = 8 * 366;

export type WindowState = { isOpen: true; untilMs: number } | { isOpen: false; opensAtMs: number };

/**
 * Is the window open at a moment, and until when, or when does it open next? One code for the device, which obeys it by its own clock, and
 * for the server, which plans by it. When the clock on the wall is set forward over a time of day, it opens right afterwards; set back over
 * it, it opens once. @throws Error for a window that is not understood or never comes.
 */
export function windowAt({ cron, timeZone, minutes }: DesiredWindow, nowMs: number): WindowState {
  const lengthMs = minutes * MINUTE_MS;
  const opensAtMs = nextStart(parseCron(cron), wallClockOf(timeZone), nowMs - lengthMs);
  if (opensAtMs === null) throw new Error(`the window "${cron}" never opens`);
  return opensAtMs <= nowMs ? { isOpen: true, untilMs: opensAtMs + lengthMs } : { isOpen: false, opensAtMs };
}

/** The first start after a moment. */
function nextStart(cron: Cron, clock: WallClock, afterMs: number): number | null {
  const shown = clock.at(afterMs);
  const today = Date.UTC(shown.year, shown.month - 1, shown.day);
  // An overlap shows times again that are behind on the wall.
  const earliestUtc = asUtc(shown) - 3 * HOUR_MS;
  for (let day = 0; day <= LOOK_AHEAD_DAYS; day++) {
    const date = new Date(today + day * DAY_MS);
    const [year, month, ofMonth] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    if (!cron.isDay(year, month, ofMonth)) continue;
    let first = Number.POSITIVE_INFINITY;
    for (const hour of cron.hours) {
      for (const minute of cron.minutes) {
        const time = { year, month, day: ofMonth, hour, minute };
        if (asUtc(time) < earliestUtc) continue;
        const [once = 0, again = 0] = startsAt(cron, clock, time);
        // What follows begins later still; only a time that is shown twice may come again before it.
        if (once > afterMs) return Math.min(first, once);
        if (again > afterMs) first = Math.min(first, again);
      }
    }
    if (first !== Number.POSITIVE_INFINITY) return first;
  }
  return null;
}

function startsAt({ isFixed }: Cron, clock: WallClock, time: Parameters<WallClock['momentsOf']>[0]): number[] {
  const moments = clock.momentsOf(time);
  if (!isFixed) return moments;
  return moments.length === 0 ? [clock.afterGap(time)] : moments.slice(0, 1);
}
