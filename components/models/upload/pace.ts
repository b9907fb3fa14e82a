/** How much had been sent at a moment. */
export type Sent = { atMs: number; bytes: number };

/** The speed is taken over the last seconds, so that a stall shows. */
const WINDOW_MS = 5000;

/** Adds a sample and forgets those too old for the speed; the newest old one stays, as the window's edge. */
export function addSample(samples: readonly Sent[], sample: Sent): Sent[] {
  const edge = samples.findLastIndex(({ atMs }) => atMs <= sample.atMs - WINDOW_MS);
  return [...samples.slice(Math.max(0, edge)), sample];
}

/** Bytes per second over the samples, and the time the rest takes at that speed. Null while there is too little to say. */
export function paceOf(samples: readonly Sent[], totalBytes: number): { bytesPerS: number; leftMs: number } | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.atMs - first.atMs < 500 || last.bytes <= first.bytes) return null;
  const bytesPerS = ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  return { bytesPerS, leftMs: (Math.max(0, totalBytes - last.bytes) / bytesPerS) * 1000 };
}
