/** What a fold found: rows that were appended, and the minutes that they are of. */
export type Folded = { rows: number; keys: number };

/** Rows of one minute that should wait for each other: to rewrite it for fewer costs more than to add them up. */
const WORTH_ROWS = 16;

/** Readers add up what waits: with much of it they are slow long before a minute is over. */
export const LEAST_REST_MS = 5_000;

/** A board sends a window in ten seconds or more: rows of a minute have met by then, or will not. */
export const MOST_REST_MS = 60_000;

/**
 * So many rows are folded whatever was expected: a fleet that was silent has begun to speak. With them a look of alerts at ten thousand devices
 * takes half as long again.
 */
export const MUCH = 100_000;

/**
 * Milliseconds from the beginning of one fold to the next, so that as many rows of each minute wait then as are worth it. `sinceMs` is
 * how long those of this fold were waiting for it; null when that is not known.
 */
export function restAfterFold({ rows, keys }: Folded, sinceMs: number | null): number {
  if (sinceMs === null) return LEAST_REST_MS;
  const restMs = rows === 0 ? MOST_REST_MS : (sinceMs * WORTH_ROWS * keys) / rows;
  return Math.min(MOST_REST_MS, Math.max(LEAST_REST_MS, restMs));
}

/** Of one transaction of a fold: what is committed meanwhile waits for the processor as long as it takes. */
const SLICE_MS = 40;
const [LEAST_ROWS, MOST_ROWS] = [250, 5_000];

/** How many rows the next transaction of a fold takes, when one of so many took so long; at most twice as many. */
export function rowsAtOnce(rows: number, tookMs: number): number {
  const fitting = Math.round((rows * SLICE_MS) / Math.max(1, tookMs));
  return fitting > rows ? Math.min(fitting, 2 * rows, MOST_ROWS) : Math.max(fitting, Math.min(rows, LEAST_ROWS));
}

/** Between two transactions of a fold the database is left to others this many times as long as one took. */
const REST = 2;

/**
 * Milliseconds of that rest, in a fold that began so long ago: less the longer it lasts, and none after a minute. One that lasts does not keep up
 * with what comes, and what waits must not grow for ever.
 */
export function restBetween(tookMs: number, sinceBeganMs: number): number {
  return tookMs * REST * Math.max(0, 1 - sinceBeganMs / MOST_REST_MS);
}
