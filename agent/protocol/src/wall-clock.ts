const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A moment as a calendar and a clock on a wall show it. `month` 1–12. */
export type WallTime = { year: number; month: number; day: number; hour: number; minute: number };

/** The wall clock of an IANA time zone. */
export type WallClock = {
  at: (ms: number) => WallTime;
  /** The moments, ascending, at which the clock shows this: one; two when it is set back over it; none when it is set forward over it. */
  momentsOf: (time: WallTime) => number[];
  /** The moment at which the clock was set forward over this time. */
  afterGap: (time: WallTime) => number;
};

/** Clocks kept: a formatter costs a thousand times what it takes to ask it. */
const MAX_CLOCKS = 100;
const clocks = new Map<string, WallClock>();

/** @throws RangeError for a time zone that is not known here. */
export function wallClockOf(timeZone: string): WallClock {
  const known = clocks.get(timeZone);
  if (known) return known;
  const made = makeClock(timeZone);
  if (clocks.size >= MAX_CLOCKS) clocks.clear();
  clocks.set(timeZone, made);
  return made;
}

function makeClock(timeZone: string): WallClock {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  });
  const at = (ms: number): WallTime => {
    const shown = Object.fromEntries(parts.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = shown;
    return { year, month, day, hour, minute };
  };
  const offsetAt = (ms: number) => asUtc(at(ms)) - Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  const around = aroundDays(offsetAt);
  return {
    at,
    momentsOf(time) {
      const utc = asUtc(time);
      const { before, after } = around(utc);
      if (before === after) return [utc - before];
      const moments = [utc - before, utc - after].filter((moment) => moment + offsetAt(moment) === utc);
      return moments.sort((a, b) => a - b);
    },
    afterGap(time) {
      let [before, after] = [asUtc(time) - DAY_MS, asUtc(time) + DAY_MS];
      const offset = offsetAt(before);
      while (after - before > MINUTE_MS) {
        const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
        if (offsetAt(middle) === offset) before = middle;
        else after = middle;
      }
      return after;
    },
  };
}

/** How far the clock is from UTC a day before a day begins and a day after it has ended; the times of one day ask again and again. */
function aroundDays(offsetAt: (ms: number) => number) {
  let asked = Number.NaN;
  let found = { before: 0, after: 0 };
  return (utc: number) => {
    const day = Math.floor(utc / DAY_MS) * DAY_MS;
    if (day !== asked) found = { before: offsetAt(day - DAY_MS), after: offsetAt(day + 2 * DAY_MS) };
    asked = day;
    return found;
  };
}

export function asUtc({ year, month, day, hour, minute }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute);
}
