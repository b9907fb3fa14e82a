import * as z from 'zod';
import { addHour, emptyHour, HourSums } from './hour-sums.ts';
import { effectOf, Judged, judgeWindow, MIN_EFFECT, MIN_SAMPLES } from './judge.ts';
import type { DriftKind, ReferenceBins } from './reference.ts';

export const HOUR_MS = 3_600_000;

/** What has too few samples of its own in a day keeps the others waiting no longer. */
const MAX_WINDOW_MS = 24 * HOUR_MS;

/** Windows that are looked back on, and how many of them must be off. */
const LOOK_BACK = 3;
const MUST_BE_OFF = 2;

const Span = { fromMs: z.number().int(), toMs: z.number().int() };
export const JudgedWindow = z.object({ ...Span, features: z.array(Judged) });
export type JudgedWindow = z.infer<typeof JudgedWindow>;

/** What is known of one slot and version on one device, or on the fleet: the window that is filling, and the last ones judged, oldest first. */
export const Watch = z.object({
  filling: z.object({ ...Span, sums: HourSums }).nullable(),
  windows: z.array(JudgedWindow),
});
export type Watch = z.infer<typeof Watch>;

export const newWatch: Watch = { filling: null, windows: [] };

/** Takes one more hour. Hours are joined until they hold enough samples; then they are one window, and it is judged. */
export function takeHour(
  watch: Watch,
  hour: { atMs: number; sums: HourSums },
  reference: readonly ReferenceBins[],
): { watch: Watch; isJudged: boolean } {
  const sums = emptyHour();
  if (watch.filling) addHour(sums, watch.filling.sums);
  addHour(sums, hour.sums);
  const filling = {
    fromMs: Math.min(watch.filling?.fromMs ?? hour.atMs, hour.atMs),
    toMs: Math.max(watch.filling?.toMs ?? 0, hour.atMs + HOUR_MS),
    sums,
  };
  const { fromMs, toMs } = filling;
  const { judged, isWhole } = judgeWindow(reference, sums);
  const isReady = sums.inferences >= MIN_SAMPLES && (isWhole || toMs - fromMs >= MAX_WINDOW_MS);
  if (!isReady) return { watch: { ...watch, filling }, isJudged: false };
  const window = { fromMs, toMs, features: judged };
  return { watch: { filling: null, windows: [...watch.windows, window].slice(-LOOK_BACK) }, isJudged: true };
}

/** The windows that hours give, as they are judged one after the other, oldest first; the last hours may be too few for one. */
export function windowsOf(
  hours: readonly { atMs: number; sums: HourSums }[],
  reference: readonly ReferenceBins[],
): JudgedWindow[] {
  let watch = newWatch;
  return hours.flatMap((hour) => {
    const step = takeHour(watch, hour, reference);
    watch = step.watch;
    return step.isJudged ? watch.windows.slice(-1) : [];
  });
}

export type Drift = { kind: DriftKind; name: string; sinceMs: number; last: Judged; effect: number };

/**
 * What drifts now: off in two of the last three windows, and still by {@link MIN_EFFECT} when those are taken together, which chance
 * rarely manages. `effect` is of those together.
 */
export function driftsOf({ windows }: Watch, reference: readonly ReferenceBins[]): Drift[] {
  return reference.flatMap((bins): Drift[] => {
    const seen = windows.flatMap(({ fromMs, features }) => {
      const judged = features.find(({ kind, name }) => kind === bins.kind && name === bins.name);
      return judged ? [{ fromMs, judged }] : [];
    });
    const off = seen.filter(({ judged }) => judged.isOff);
    const [first, last] = [off[0], off.at(-1)];
    if (!first || !last || off.length < MUST_BE_OFF) return [];
    const together = bins.counts.map((_, bin) => off.reduce((sum, { judged }) => sum + (judged.counts[bin] ?? 0), 0));
    const likeness = Math.max(...off.map(({ judged }) => judged.likeness));
    const effect = effectOf(bins, together, likeness);
    return effect < MIN_EFFECT
      ? []
      : [{ kind: bins.kind, name: bins.name, sinceMs: first.fromMs, last: last.judged, effect }];
  });
}

/** Is a drift that was found over? The last two windows that had enough samples were both as the reference. */
export function isOver({ windows }: Watch, kind: DriftKind, name: string): boolean {
  const lately = windows
    .flatMap(({ features }) => features.filter((each) => each.kind === kind && each.name === name))
    .slice(-MUST_BE_OFF);
  return lately.length === MUST_BE_OFF && lately.every(({ isOff }) => !isOff);
}
