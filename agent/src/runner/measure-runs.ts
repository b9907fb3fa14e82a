import type { BenchmarkOrder } from './contract.ts';

/** Runs before the measured ones: first runs allocate and are not what serving is like. */
const WARM_UP_RUNS = 10;

/** A benchmark ends after this even if its runs are not done: a model slower than this fails its limit anyway. */
const MAX_DURATION_MS = 60_000;

/** Warms up, calls `onWarm`, then measures single runs one after the other. `run` returns its own duration in milliseconds. */
export async function measureRuns(
  run: (index: number) => Promise<number>,
  { runs, minDurationMs }: Pick<BenchmarkOrder, 'runs' | 'minDurationMs'>,
  onWarm: () => Promise<void>,
): Promise<{ runs: number; latencyP50Ms: number; latencyP95Ms: number; durationMs: number }> {
  for (let index = 0; index < WARM_UP_RUNS; index++) await run(index);
  await onWarm();
  const startedMs = performance.now();
  const runsMs: number[] = [];
  for (let elapsedMs = 0; runsMs.length < runs || elapsedMs < minDurationMs; ) {
    runsMs.push(await run(runsMs.length));
    elapsedMs = performance.now() - startedMs;
    if (elapsedMs > MAX_DURATION_MS) break;
  }
  const durationMs = performance.now() - startedMs;
  runsMs.sort((a, b) => a - b);
  return { runs: runsMs.length, latencyP50Ms: quantile(runsMs, 0.5), latencyP95Ms: quantile(runsMs, 0.95), durationMs };
}

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
