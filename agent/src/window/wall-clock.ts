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

/** @throws RangeError for a time zone that this device does not know. */
export function wallClockOf(timeZone: string): WallClock {
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
  return {
    at,
    momentsOf(time) {
      const utc = asUtc(time);
      const found = new Set<number>();
      for (const around of [utc - DAY_MS, utc + DAY_MS]) {
        const moment = utc - offsetAt(around);
        if (moment + offsetAt(moment) === utc) found.add(moment);
      }
      return [...found].sort((a, b) => a - b);
    },
    afterGap(time) {
      const utc = asUtc(time);
      let [before, after] = [utc - DAY_MS, utc + DAY_MS];
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

export function asUtc({ year, month, day, hour, minute }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute);
}
