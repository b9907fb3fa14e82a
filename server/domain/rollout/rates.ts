import type { Rate } from './plan-limits.ts';

const MINUTE_MS = 60_000;

/** A minute's devices are told in this many portions, so that a rate of 600 is not 600 at once and then nothing. */
const PORTIONS = 6;

/** Devices per minute that the rate allows once so many have succeeded. */
export function perMinute({ maxPerMinute, exponential }: Rate, succeeded: number): number {
  const most = maxPerMinute ?? Number.POSITIVE_INFINITY;
  if (!exponential) return most;
  const { basePerMinute, factor, every } = exponential;
  return Math.min(most, Math.floor(basePerMinute * factor ** Math.floor(succeeded / every)));
}

/**
 * How many may be told at `now`, given when others were told, and when the next may be. Looks back from `now`: in any minute at most the
 * rate, in any sixth of a minute at most a sixth of it.
 */
export function roomInRate(
  rate: Rate,
  succeeded: number,
  toldAt: readonly Date[],
  now: Date,
): { room: number; nextAt: Date | null; perMinute: number } {
  const most = perMinute(rate, succeeded);
  const spans = [
    { ms: MINUTE_MS, most },
    { ms: MINUTE_MS / PORTIONS, most: Math.ceil(most / PORTIONS) },
  ].map((span) => roomInSpan(span, toldAt, now));
  const [first] = spans.sort((a, b) => a.room - b.room || (b.nextAt?.getTime() ?? 0) - (a.nextAt?.getTime() ?? 0));
  return { room: first?.room ?? 0, nextAt: first?.nextAt ?? null, perMinute: most };
}

function roomInSpan(span: { ms: number; most: number }, toldAt: readonly Date[], now: Date) {
  const recent = toldAt
    .map((at) => at.getTime())
    .filter((at) => at > now.getTime() - span.ms)
    .sort((a, b) => a - b);
  const room = Math.max(0, span.most - recent.length);
  const leaves = recent[recent.length - span.most];
  return { room, nextAt: room > 0 || leaves === undefined ? null : new Date(leaves + span.ms) };
}
