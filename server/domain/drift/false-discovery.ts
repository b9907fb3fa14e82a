/**
 * Which of many tests hold when at most a share `q` of those that do may be wrong (Benjamini and Hochberg, 1995): all up to the largest k
 * whose k-th smallest p is at most k · q ÷ tests.
 */
export function heldAt(ps: readonly number[], q: number): boolean[] {
  const sorted = [...ps].sort((a, b) => a - b);
  const last = sorted.findLastIndex((p, at) => p <= ((at + 1) * q) / ps.length);
  const limit = last < 0 ? Number.NEGATIVE_INFINITY : (sorted[last] ?? Number.NEGATIVE_INFINITY);
  return ps.map((p) => p <= limit);
}
