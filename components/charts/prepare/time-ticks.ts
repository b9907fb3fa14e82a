const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Steps at which a clock or a calendar is read. */
const STEPS_MS = [
  1000,
  5000,
  15_000,
  30_000,
  MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
  14 * DAY_MS,
  28 * DAY_MS,
];

/** Ticks of a time axis and whether they name days or times. */
export type TimeTicks = { ticks: number[]; style: 'seconds' | 'time' | 'day' };

/**
 * At most `limit` round moments between two times, on the reader's clock.
 * `offsetMs` is local time minus UTC; a change of clocks inside the range shifts the later ticks by it.
 */
export function timeTicks(from: number, to: number, limit: number, offsetMs: number): TimeTicks {
  const span = to - from;
  const step = STEPS_MS.find((each) => span / each <= limit) ?? Math.ceil(span / limit / DAY_MS) * DAY_MS;
  const first = Math.ceil((from + offsetMs) / step) * step - offsetMs;
  const ticks: number[] = [];
  for (let t = first; t <= to; t += step) ticks.push(t);
  return { ticks, style: step >= DAY_MS ? 'day' : step < MINUTE_MS ? 'seconds' : 'time' };
}
