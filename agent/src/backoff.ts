/** First and longest wait of every retry against the server, so that a fleet comes back spread out. */
export const BACKOFF_FIRST_MS = 1_000;
export const BACKOFF_LONGEST_MS = 60_000;

/**
 * Full jitter: a wait drawn evenly from 0 … min(longest, first · 2^attempt), plus a floor of a tenth of that ceiling so that
 * a lucky draw never turns into a busy loop. `attempt` counts from 0; `random` is in [0, 1).
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(
  attempt: number,
  random: number,
  firstMs = BACKOFF_FIRST_MS,
  longestMs = BACKOFF_LONGEST_MS,
): number {
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceilingMs * (0.1 + 0.9 * random));
}
