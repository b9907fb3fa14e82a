import * as z from 'zod';

/**
 * DDSketch (Masson, Rim, Lee, VLDB 2019): quantiles with a relative error of at most α, mergeable without loss.
 * A positive value x falls into bucket ceil(log_γ x) with γ = (1 + α) / (1 − α); the bucket stands for 2·γ^i / (γ + 1).
 * One code for agent, server and browser, so that a percentile means the same everywhere.
 */
export const SKETCH_ALPHA = 0.01;
const GAMMA = (1 + SKETCH_ALPHA) / (1 - SKETCH_ALPHA);
const LOG_GAMMA = Math.log(GAMMA);

/** Values are clamped to γ^±1024, about 1.3e-9 … 7.8e8: nine orders of magnitude on each side of a millisecond. */
const MAX_INDEX = 1024;

/** Most buckets one sketch may carry on the wire. */
const MAX_BUCKETS = 2 * MAX_INDEX + 1;

export type Sketch = {
  zeroCount: number;
  count: number;
  min: number;
  max: number;
  sum: number;
  buckets: Map<number, number>;
};

/**
 * A flat list index, count, index, count … in growing order of index. Looked at as a whole: a schema for each number costs several times
 * as much, and a server reads hundreds of them with every window.
 */
const Buckets = z.custom<number[]>(isFlatPairs, 'buckets must be pairs of index and count, indexes growing');

export const SketchWire = z.object({
  zeroCount: z.number().int().min(0),
  min: z.number().min(0),
  max: z.number().min(0),
  sum: z.number().min(0),
  buckets: Buckets,
});
export type SketchWire = z.infer<typeof SketchWire>;

export function emptySketch(): Sketch {
  return { zeroCount: 0, count: 0, min: Number.POSITIVE_INFINITY, max: 0, sum: 0, buckets: new Map() };
}

/** Adds one value ≥ 0; a value below the smallest bucket counts as zero. Changes `sketch`. */
export function addToSketch(sketch: Sketch, value: number): void {
  if (!(value >= 0) || !Number.isFinite(value)) throw new RangeError(`a sketch takes finite values ≥ 0, not ${value}`);
  sketch.count += 1;
  sketch.sum += value;
  sketch.min = Math.min(sketch.min, value);
  sketch.max = Math.max(sketch.max, value);
  const index = value === 0 ? Number.NEGATIVE_INFINITY : Math.ceil(Math.log(value) / LOG_GAMMA);
  if (index < -MAX_INDEX) sketch.zeroCount += 1;
  else bump(sketch.buckets, Math.min(index, MAX_INDEX), 1);
}

/** Adds all of `other` to `sketch`; the order of merging never changes the result. */
export function mergeSketch(sketch: Sketch, other: Sketch): void {
  sketch.count += other.count;
  sketch.zeroCount += other.zeroCount;
  sketch.sum += other.sum;
  sketch.min = Math.min(sketch.min, other.min);
  sketch.max = Math.max(sketch.max, other.max);
  for (const [index, count] of other.buckets) bump(sketch.buckets, index, count);
}

/** The q-quantile (0 ≤ q ≤ 1) within α of the exact lower quantile; null of an empty sketch. */
export function quantileOf({ count, zeroCount, min, max, buckets }: Sketch, q: number): number | null {
  if (count === 0) return null;
  const rank = q * (count - 1);
  let seen = zeroCount;
  if (rank < seen) return Math.max(0, min);
  for (const [index, bucketCount] of inOrder(buckets)) {
    seen += bucketCount;
    if (rank < seen) return clamp(middleOf(index), min, max);
  }
  return max;
}

/** Buckets by index; what was read from storage is in order already, and to look costs a tenth of sorting. */
function inOrder(buckets: Sketch['buckets']): Iterable<readonly [number, number]> {
  let last = Number.NEGATIVE_INFINITY;
  for (const index of buckets.keys()) {
    if (index < last) return [...buckets].sort(([a], [b]) => a - b);
    last = index;
  }
  return buckets;
}

/** As {@link quantileOf}, without making a sketch of what came over the wire. */
export function quantileOfWire({ zeroCount, min, max, buckets }: SketchWire, q: number): number | null {
  let count = zeroCount;
  for (let at = 1; at < buckets.length; at += 2) count += buckets[at] ?? 0;
  if (count === 0) return null;
  const rank = q * (count - 1);
  let seen = zeroCount;
  if (rank < seen) return Math.max(0, min);
  for (let at = 0; at < buckets.length; at += 2) {
    seen += buckets[at + 1] ?? 0;
    if (rank < seen) return clamp(middleOf(buckets[at] ?? 0), min, max);
  }
  return max;
}

/** What a bucket stands for. */
function middleOf(index: number): number {
  return (2 * GAMMA ** index) / (GAMMA + 1);
}

export function meanOf(sketch: Sketch): number | null {
  return sketch.count === 0 ? null : sketch.sum / sketch.count;
}

export function sketchToWire(sketch: Sketch): SketchWire {
  const { zeroCount, max, sum } = sketch;
  const buckets = [...sketch.buckets].sort(([a], [b]) => a - b).flat();
  return { zeroCount, min: sketch.count === 0 ? 0 : sketch.min, max, sum, buckets };
}

export function sketchFromWire(wire: SketchWire): Sketch {
  const buckets = new Map<number, number>();
  let count = wire.zeroCount;
  for (let at = 0; at + 1 < wire.buckets.length; at += 2) {
    const bucketCount = wire.buckets[at + 1] ?? 0;
    buckets.set(wire.buckets[at] ?? 0, bucketCount);
    count += bucketCount;
  }
  return { ...wire, count, min: count === 0 ? Number.POSITIVE_INFINITY : wire.min, buckets };
}

/** What two sketches that came over the wire hold together: in one pass over their buckets, which are in order. */
export function mergeWires(a: SketchWire, b: SketchWire): SketchWire {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  return {
    zeroCount: a.zeroCount + b.zeroCount,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    sum: a.sum + b.sum,
    buckets: mergeBuckets(a.buckets, b.buckets),
  };
}

function isEmpty({ zeroCount, buckets }: SketchWire): boolean {
  return zeroCount === 0 && buckets.length === 0;
}

function mergeBuckets(a: readonly number[], b: readonly number[]): number[] {
  const merged: number[] = [];
  const indexOf = (buckets: readonly number[], at: number) => buckets[at] ?? Number.POSITIVE_INFINITY;
  for (let [i, j] = [0, 0]; i < a.length || j < b.length; ) {
    const index = Math.min(indexOf(a, i), indexOf(b, j));
    let count = 0;
    if (indexOf(a, i) === index) {
      count += a[i + 1] ?? 0;
      i += 2;
    }
    if (indexOf(b, j) === index) {
      count += b[j + 1] ?? 0;
      j += 2;
    }
    merged.push(index, count);
  }
  return merged;
}

function bump(buckets: Map<number, number>, index: number, by: number): void {
  buckets.set(index, (buckets.get(index) ?? 0) + by);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function isFlatPairs(buckets: unknown): boolean {
  if (!Array.isArray(buckets) || buckets.length % 2 !== 0 || buckets.length > 2 * MAX_BUCKETS) return false;
  let previous = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < buckets.length; at += 2) {
    const index: unknown = buckets[at];
    const count: unknown = buckets[at + 1];
    if (!isWhole(index) || !isWhole(count) || index <= previous || Math.abs(index) > MAX_INDEX || count <= 0)
      return false;
    previous = index;
  }
  return true;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
