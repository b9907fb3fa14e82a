import type { Release } from '@flotilla/protocol';
import { delay } from '../delay.ts';
import { ReasonError } from '../reason-error.ts';
import type { RunnerTotals } from '../runner/contract.ts';

/** How often the counts are looked at. */
const LOOK_EVERY_MS = 250;

/** Fewer attempts than this say nothing about a rate or a quantile. */
const MIN_ATTEMPTS = 20;

type Watched = { crashes: number; totals: RunnerTotals | null };

/** Judges what was counted since the switch; throws the reason to go back. */
export function judgeObservation(watched: Watched, observe: Release['observe']): void {
  if (watched.crashes > observe.maxCrashes) {
    throw new ReasonError('observe.crashes', `${watched.crashes} crashes, allowed are ${observe.maxCrashes}`);
  }
  if (!watched.totals) return;
  const { inferences, failures, latencyP95Ms } = watched.totals;
  const attempts = inferences + failures;
  if (attempts < MIN_ATTEMPTS) return;
  if (failures / attempts > observe.maxErrorRate) {
    const rate = (failures / attempts).toFixed(3);
    throw new ReasonError(
      'observe.errors',
      `${failures} of ${attempts} failed (${rate}), allowed are ${observe.maxErrorRate}`,
    );
  }
  const limitMs = observe.maxLatencyP95Ms;
  if (limitMs === undefined || inferences < MIN_ATTEMPTS || (latencyP95Ms ?? 0) <= limitMs) return;
  const found = `p95 of ${inferences} requests is ${latencyP95Ms?.toFixed(3)} ms`;
  throw new ReasonError('observe.latency', `${found}, allowed are ${limitMs} ms`);
}

/** Watches a release after the switch until its time is over; `untilMs` is on the clock of `now`. */
export async function observe(
  release: Release,
  untilMs: number,
  ports: { watch: () => Promise<Watched>; now: () => number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    judgeObservation(await ports.watch(), release.observe);
    const leftMs = untilMs - ports.now();
    if (leftMs <= 0) return;
    await delay(Math.min(leftMs, LOOK_EVERY_MS), signal);
  }
}
