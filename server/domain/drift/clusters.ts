import { Count } from '@flotilla/protocol';
import * as z from 'zod';

/** Samples of one stretch are like each other: a stretch must be longer than that likeness. */
const STRETCH_MS = 5 * 60_000;

/** Stretches below which their spread says nothing. */
const MIN_STRETCHES = 6;

/**
 * How unlike each other stretches of time are, bin by bin: Σ count² ÷ samples over the stretches that are over, and the counts of the one
 * that is open.
 */
export const Clusters = z.object({
  atMs: z.number().int(),
  open: z.array(Count),
  stretches: Count,
  squares: z.array(z.number()),
});
export type Clusters = z.infer<typeof Clusters>;

/** The counts of one telemetry window. */
export function clusterOf(startMs: number, counts: readonly number[]): Clusters {
  const atMs = Math.floor(startMs / STRETCH_MS) * STRETCH_MS;
  return { atMs, open: [...counts], stretches: 0, squares: counts.map(() => 0) };
}

/** Of two that are open at different times the earlier one ends. Lists of another length were counted on other edges: the first stays. */
export function addClusters(a: Clusters, b: Clusters): Clusters {
  if (a.open.length !== b.open.length) return a;
  const both = { stretches: a.stretches + b.stretches, squares: sum(a.squares, b.squares) };
  if (a.atMs === b.atMs) return { ...both, atMs: a.atMs, open: sum(a.open, b.open) };
  const [earlier, later] = a.atMs < b.atMs ? [a, b] : [b, a];
  return { ...ended({ ...earlier, ...both }), atMs: later.atMs, open: later.open };
}

/**
 * How many samples stand for one that is independent of the others, at least 1: the χ² between stretches over its degrees of freedom
 * (Rao and Scott's first-order correction). 1 where too few stretches are there to tell.
 */
export function likenessOf(clusters: Clusters | undefined, counts: readonly number[]): number {
  if (!clusters) return 1;
  const { stretches, squares } = ended(clusters);
  const total = counts.reduce((all, count) => all + count, 0);
  const filled = squares.flatMap((square, bin) => (counts[bin] ? [{ square, share: (counts[bin] ?? 0) / total }] : []));
  const df = (stretches - 1) * (filled.length - 1);
  if (stretches < MIN_STRETCHES || df <= 0) return 1;
  const statistic = filled.reduce((all, { square, share }) => all + square / share, 0) - total;
  return Math.max(1, statistic / df);
}

function ended(clusters: Clusters): Clusters {
  const n = clusters.open.reduce((all, count) => all + count, 0);
  if (n === 0) return clusters;
  return {
    ...clusters,
    open: clusters.open.map(() => 0),
    stretches: clusters.stretches + 1,
    squares: clusters.squares.map((square, bin) => square + (clusters.open[bin] ?? 0) ** 2 / n),
  };
}

function sum(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, at) => value + (b[at] ?? 0));
}
