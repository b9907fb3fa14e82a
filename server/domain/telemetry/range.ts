/** Points that one series may have: more than a screen has pixels for gains nothing. */
export const MAX_POINTS = 1_000;

/** Bucket lengths that read well on an axis, in seconds. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** The shortest readable bucket that gives at most `points` of them, and none shorter than a window. Milliseconds. */
export function stepFor(from: Date, to: Date, points: number, windowS: number): number {
  const spanS = (to.getTime() - from.getTime()) / 1000;
  const wanted = Math.max(spanS / Math.min(points, MAX_POINTS), windowS);
  return (steps.find((step) => step >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400) * 1000;
}

/** The start of the bucket grid: aligned to the epoch, so that two charts of one page share their buckets. */
export function alignDown(at: Date, stepMs: number): Date {
  return new Date(Math.floor(at.getTime() / stepMs) * stepMs);
}
