/** How far a spool is committed: everything up to `watermark`, and the numbers in `ahead` above it. */
export type StreamPosition = { watermark: number; ahead: readonly number[] };

/** Numbers kept above a gap. What lies further ahead is not taken: the device sends it again once the gap has closed. */
export const MAX_AHEAD = 1_000;

export type Arrival = { seq: number; oldestSeq: number };

/**
 * Which of these arrivals are new, and where the stream stands after them. Each number is new exactly once, in whatever order and
 * however often it comes; a gap that the device can no longer fill (`oldestSeq` says what it still holds) is passed over.
 */
export function advanceStream(
  position: StreamPosition,
  arrivals: readonly Arrival[],
): { fresh: Set<number>; next: StreamPosition } {
  let { watermark } = position;
  const ahead = new Set(position.ahead);
  const fresh = new Set<number>();
  const settle = () => {
    while (ahead.delete(watermark + 1)) watermark += 1;
  };
  for (const { seq, oldestSeq } of [...arrivals].sort((a, b) => a.seq - b.seq)) {
    if (oldestSeq - 1 > watermark) {
      watermark = oldestSeq - 1;
      for (const each of ahead) if (each <= watermark) ahead.delete(each);
    }
    settle();
    if (seq <= watermark || ahead.has(seq) || (seq > watermark + 1 && ahead.size >= MAX_AHEAD)) continue;
    ahead.add(seq);
    fresh.add(seq);
    settle();
  }
  return { fresh, next: { watermark, ahead: [...ahead].sort((a, b) => a - b) } };
}
