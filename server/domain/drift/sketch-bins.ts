import { SKETCH_ALPHA, type SketchWire } from '@flotilla/protocol';
import type { Scores } from './stretches.ts';

/** Values of both signs: one sketch of those ≥ 0, one of the absolute values of those < 0; absent where there were none. */
export type SignedSketch = { positive?: SketchWire | undefined; negative?: SketchWire | undefined };

/** Bins that a reference is learned with: deciles, as reference profiles have them. */
const LEARNED_BINS = 10;

const GAMMA = (1 + SKETCH_ALPHA) / (1 - SKETCH_ALPHA);
const SMALLEST = GAMMA ** -1024;

/** What one bucket holds: the value that stands for it, its lower and upper end, and its count. */
type Atom = { value: number; low: number; high: number; count: number };

/**
 * Edges at the ends of buckets, so that each bin holds about a tenth and counts on them are exact. A value that many samples share keeps
 * a bin of its own.
 */
export function learnEdges(sketch: SignedSketch): number[] {
  const atoms = atomsOf(sketch);
  const [first, last] = [atoms[0], atoms.at(-1)];
  if (!first || !last) return [];
  if (atoms.length === 1) return [first.low, first.high];
  const total = atoms.reduce((sum, { count }) => sum + count, 0);
  const edges: number[] = [];
  let seen = 0;
  let next = total / LEARNED_BINS;
  for (const [at, { count }] of atoms.entries()) {
    seen += count;
    const following = atoms[at + 1];
    if (!following || seen < next) continue;
    edges.push(following.low);
    while (next <= seen) next += total / LEARNED_BINS;
  }
  return edges.length > 0 ? edges : [last.low];
}

/** Counts on edges as {@link learnEdges} makes them: bin 0 below the first, the last from the last one on. */
export function countOnEdges(sketch: SignedSketch, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let bin = 0;
  for (const { value, count } of atomsOf(sketch)) {
    while (bin < edges.length && (edges[bin] ?? 0) <= value) bin += 1;
    counts[bin] = (counts[bin] ?? 0) + count;
  }
  return counts;
}

/** A sample's score is its value; squares are as exact as the sketch. */
export function scoresOfSketches({ positive, negative }: SignedSketch): Scores {
  const [above, below] = [totalsOf(positive), totalsOf(negative)];
  return { n: above.n + below.n, sums: [above.sum - below.sum], squares: [above.squares + below.squares] };
}

function totalsOf(sketch: SketchWire | undefined): { n: number; sum: number; squares: number } {
  const buckets = sketch?.buckets ?? [];
  let [n, squares] = [sketch?.zeroCount ?? 0, 0];
  for (let at = 0; at + 1 < buckets.length; at += 2) {
    const count = buckets[at + 1] ?? 0;
    n += count;
    squares += count * middleOf(buckets[at] ?? 0) ** 2;
  }
  return { n, sum: sketch?.sum ?? 0, squares };
}

/** The buckets of both sketches in growing order of value. */
function atomsOf({ positive, negative }: SignedSketch): Atom[] {
  const zeros = (positive?.zeroCount ?? 0) + (negative?.zeroCount ?? 0);
  return [
    ...bucketsOf(negative).reverse().map(mirrored),
    ...(zeros > 0 ? [{ value: 0, low: -SMALLEST, high: SMALLEST, count: zeros }] : []),
    ...bucketsOf(positive),
  ];
}

function bucketsOf(sketch: SketchWire | undefined): Atom[] {
  const flat = sketch?.buckets ?? [];
  return Array.from({ length: flat.length / 2 }, (_, at) => bucket(flat[2 * at] ?? 0, flat[2 * at + 1] ?? 0));
}

function bucket(index: number, count: number): Atom {
  return { value: middleOf(index), low: GAMMA ** (index - 1), high: GAMMA ** index, count };
}

function middleOf(index: number): number {
  return (2 * GAMMA ** index) / (GAMMA + 1);
}

function mirrored({ value, low, high, count }: Atom): Atom {
  return { value: -value, low: -high, high: -low, count };
}
