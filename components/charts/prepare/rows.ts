import type { Point, Series } from '../types.ts';

/** Buckets of a range, whether or not anything was measured in them. */
export type Buckets = { first: number; stepMs: number; count: number };

/** More buckets than this are more than pixels; the server sends fewer. */
export const MAX_BUCKETS = 4000;

/** The grid of buckets on which the series' points lie: their phase, stretched over the range. */
export function bucketsOf(series: readonly Series[], stepMs: number, from: number, to: number): Buckets {
  const anchor = series.find((each) => each.points.length > 0)?.points[0]?.t ?? from;
  const first = anchor - Math.floor((anchor - from) / stepMs + 1e-9) * stepMs;
  const count = Math.min(MAX_BUCKETS, Math.max(0, Math.ceil((to - first) / stepMs)));
  return { first, stepMs, count };
}

/** A series' points by bucket; points outside the range, and values that are none, are left out. */
export function placePoints(points: readonly Point[], buckets: Buckets): Map<number, Point & { value: number }> {
  const placed = new Map<number, Point & { value: number }>();
  for (const point of points) {
    const index = Math.round((point.t - buckets.first) / buckets.stepMs);
    const { value } = point;
    if (index < 0 || index >= buckets.count || value === null || !Number.isFinite(value)) continue;
    placed.set(index, { ...point, value });
  }
  return placed;
}

/** Stretches between measurements in which no series has a value, and the silence at the end, as times. */
export function gapsOf(present: readonly boolean[], buckets: Buckets): { from: number; to: number }[] {
  const first = present.indexOf(true);
  const gaps: { from: number; to: number }[] = [];
  if (first === -1) return gaps;
  let lastSeen = first;
  for (let i = first + 1; i <= present.length; i++) {
    const isEnd = i === present.length;
    if (!isEnd && !present[i]) continue;
    // At the end one bucket may still be on its way; in between a single missing one is a gap.
    if (i - lastSeen > (isEnd ? 2 : 1)) {
      gaps.push({
        from: buckets.first + lastSeen * buckets.stepMs,
        to: buckets.first + (isEnd ? present.length : i) * buckets.stepMs,
      });
    }
    lastSeen = i;
  }
  return gaps;
}
