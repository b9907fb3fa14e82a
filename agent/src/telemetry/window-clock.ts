/** The next multiple of the window length on the wall clock, so that the windows of a fleet fall together. */
export function nextBoundaryMs(nowMs: number, windowMs: number): number {
  return (Math.floor(nowMs / windowMs) + 1) * windowMs;
}

/**
 * Calls `close(startMs, endMs)` at every boundary. The first window is shorter, and one over which the wall clock jumped is
 * cut to the window's length, because nobody knows how long it was. Returns what stops it.
 */
export function startWindowClock(
  windowMs: () => number,
  now: () => number,
  close: (startMs: number, endMs: number) => Promise<void>,
): () => void {
  let startMs = now();
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  const schedule = () => {
    const waitMs = nextBoundaryMs(now(), windowMs()) - now();
    timer = setTimeout(() => void tick(), waitMs);
  };
  const tick = async () => {
    const endMs = now();
    const longestMs = windowMs() * 2;
    const passedMs = endMs - startMs;
    await close(passedMs > 0 && passedMs <= longestMs ? startMs : endMs - windowMs(), endMs);
    startMs = endMs;
    if (!isStopped) schedule();
  };
  schedule();
  return () => {
    isStopped = true;
    if (timer) clearTimeout(timer);
  };
}
