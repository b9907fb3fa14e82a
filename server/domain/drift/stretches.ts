import { Count } from '@flotilla/protocol';
import * as z from 'zod';

/** Samples of one stretch are like each other: a stretch must be longer than that likeness. */
const STRETCH_MS = 5 * 60_000;

/** Stretches below which their spread says nothing. */
const MIN_STRETCHES = 6;

/** Samples, the sum of each of their scores, and the sum of its square. */
export type Scores = { n: number; sums: number[]; squares: number[] };

/**
 * How unlike each other stretches of time are. Each sample has one or more scores; `squares` are Σ (sum of a score)² ÷ samples over the
 * stretches that are over, `n` and `sums` are of the one that is open.
 */
export const Stretches = z.object({
  atMs: z.number().int(),
  n: Count,
  sums: z.array(z.number()),
  ended: Count,
  squares: z.array(z.number()),
});
export type Stretches = z.infer<typeof Stretches>;

/** The samples of one telemetry window. */
export function stretchOf(startMs: number, { n, sums }: Pick<Scores, 'n' | 'sums'>): Stretches {
  const atMs = Math.floor(startMs / STRETCH_MS) * STRETCH_MS;
  return { atMs, n, sums, ended: 0, squares: sums.map(() => 0) };
}

/** Of counts in bins that have an order, a sample's scores are whether it lies below each edge: 1 or 0, which is its own square. */
export function scoresOfCounts(counts: readonly number[]): Scores {
  let n = 0;
  const below = counts.map((count) => {
    n += count;
    return n;
  });
  const sums = below.slice(0, -1);
  return { n, sums, squares: sums };
}

/** Of two that are open at different times the earlier one ends. Lists of another length were counted on other edges: the first stays. */
export function addStretches(a: Stretches, b: Stretches): Stretches {
  if (a.sums.length !== b.sums.length) return a;
  const both = { ended: a.ended + b.ended, squares: sum(a.squares, b.squares) };
  if (a.atMs === b.atMs) return { ...both, atMs: a.atMs, n: a.n + b.n, sums: sum(a.sums, b.sums) };
  const [earlier, later] = a.atMs < b.atMs ? [a, b] : [b, a];
  return { ...endOpen({ ...earlier, ...both }), atMs: later.atMs, n: later.n, sums: later.sums };
}

/**
 * How many samples stand for one that is independent of the others, at least 1 (Kish's design effect): the spread of the stretches' mean
 * scores over what independent samples would give. Over edges that is the ratio of two Cramér–von Mises distances, which what lasts
 * longest decides; χ² over bins, which it does not, finds too little likeness. 1 where too few stretches are there to tell.
 */
export function likenessOf(stretches: Stretches | undefined, { n, sums, squares }: Scores): number {
  if (!stretches || stretches.sums.length !== sums.length) return 1;
  const all = endOpen(stretches);
  let between = 0;
  let within = 0;
  for (const [at, total] of sums.entries()) {
    between += (all.squares[at] ?? 0) - total ** 2 / n;
    within += (squares[at] ?? 0) / n - (total / n) ** 2;
  }
  if (all.ended < MIN_STRETCHES || !(within > 0)) return 1;
  return Math.max(1, between / (within * (all.ended - 1)));
}

function endOpen(stretches: Stretches): Stretches {
  const { n, sums, squares } = stretches;
  if (n === 0) return stretches;
  return {
    ...stretches,
    n: 0,
    sums: sums.map(() => 0),
    ended: stretches.ended + 1,
    squares: squares.map((square, at) => square + (sums[at] ?? 0) ** 2 / n),
  };
}

function sum(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, at) => value + (b[at] ?? 0));
}
