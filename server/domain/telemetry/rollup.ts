import { emptySketch, type Window } from '@flotilla/protocol';
import { type HourSums, hourOfWindow, sumHours } from '../drift/hour-sums.ts';
import type { MetricSums } from './metrics.ts';
import { addUpBytes } from './sketch-bytes.ts';

const MINUTE_MS = 60_000;

/** The lengths that telemetry is summed up by, shortest first. */
export const resolutions = [
  { name: 'minute', ms: MINUTE_MS },
  { name: 'hour', ms: 3_600_000 },
  { name: 'day', ms: 86_400_000 },
] as const;
export type Resolution = (typeof resolutions)[number];

/** Stands for the whole fleet where a device is named, and for a version that is not known. */
export const NIL_ID = '00000000-0000-0000-0000-000000000000';

export type RollupKey = {
  organizationId: string;
  /** {@link NIL_ID} for all devices of the organization together. */
  deviceId: string;
  bucketMs: number;
  slot: string;
  versionId: string;
};

/** What windows add up to. Means are kept as a sum and its weight, so that they stay exact when they are added up again. */
export type RollupSums = Omit<MetricSums, 'powerW' | 'cpuPct' | 'tempC'> & {
  windows: number;
  /** Power × time, and the time of the windows that had a power, in W·ms and ms. */
  powerWMs: number;
  powerMs: number;
  powerSources: string[];
  cpuPctSum: number;
  cpuPctN: number;
  tempCSum: number;
  tempCN: number;
  isThrottled: boolean;
};
/** Sums but for the latencies. */
export type RollupNumbers = Omit<RollupSums, 'latency'>;

/** What is added to one stored row; latencies as {@link addUpBytes} makes them. */
export type Rollup = RollupKey & RollupNumbers & { latency: Uint8Array };

/** What a batch adds to a minute: to its rollup, and what its windows say of inputs, answers and truth, null when they say nothing. */
export type Minute = Rollup & { said: HourSums | null };

export type RolledWindow = {
  organizationId: string;
  deviceId: string;
  versionId: string | null;
  startAt: Date;
  window: Window;
  /** Of `window.latencyMs.run`. */
  latency: Uint8Array;
};

export function emptySums(): RollupSums {
  return {
    windows: 0,
    inferences: 0,
    errors: 0,
    durationMs: 0,
    latency: emptySketch(),
    energyJ: null,
    energyInferences: 0,
    powerWMs: 0,
    powerMs: 0,
    powerSources: [],
    cpuPctSum: 0,
    cpuPctN: 0,
    tempCSum: 0,
    tempCN: 0,
    runnerRssBytes: null,
    labelledN: 0,
    labelledCorrect: 0,
    isThrottled: false,
  };
}

/** The means that sums stand for; null for what was not measured. */
export function meansOf(sums: RollupNumbers): Pick<MetricSums, 'powerW' | 'cpuPct' | 'tempC'> {
  const { powerWMs, powerMs, cpuPctSum, cpuPctN, tempCSum, tempCN } = sums;
  return {
    powerW: powerMs > 0 ? powerWMs / powerMs : null,
    cpuPct: cpuPctN > 0 ? cpuPctSum / cpuPctN : null,
    tempC: tempCN > 0 ? tempCSum / tempCN : null,
  };
}

/** Adds all but the latencies; the order of adding never changes the result but for the rounding of floating-point sums. */
export function addNumbers(sums: RollupNumbers, other: RollupNumbers): void {
  sums.windows += other.windows;
  sums.inferences += other.inferences;
  sums.errors += other.errors;
  sums.durationMs += other.durationMs;
  sums.energyJ = other.energyJ === null ? sums.energyJ : (sums.energyJ ?? 0) + other.energyJ;
  sums.energyInferences += other.energyInferences;
  sums.powerWMs += other.powerWMs;
  sums.powerMs += other.powerMs;
  for (const source of other.powerSources) if (!sums.powerSources.includes(source)) sums.powerSources.push(source);
  sums.cpuPctSum += other.cpuPctSum;
  sums.cpuPctN += other.cpuPctN;
  sums.tempCSum += other.tempCSum;
  sums.tempCN += other.tempCN;
  if (other.runnerRssBytes !== null) sums.runnerRssBytes = Math.max(sums.runnerRssBytes ?? 0, other.runnerRssBytes);
  sums.labelledN += other.labelledN;
  sums.labelledCorrect += other.labelledCorrect;
  sums.isThrottled ||= other.isThrottled;
}

/**
 * What windows add up to by minute: of each device, and of the fleet. Each window is looked at once; `bucketMs` may be any moment of the
 * minute. Of a version that is not known nothing is `said`.
 */
export function minutesOf(windows: readonly RolledWindow[]): Minute[] {
  const ofDevices = joinMinutes(windows.map(minuteOf));
  return [...ofDevices, ...joinMinutes(ofDevices.map((minute) => ({ ...minute, deviceId: NIL_ID })))];
}

function minuteOf(window: RolledWindow): Minute {
  return { ...rollupOf(window), said: window.versionId === null ? null : hourOfWindow(window.window) };
}

function joinMinutes(minutes: readonly Minute[]): Minute[] {
  return addUp(minutes, MINUTE_MS, (first, group) => ({ ...sumOf(first, group), said: saidTogether(group) }));
}

function saidTogether(minutes: readonly Minute[]): HourSums | null {
  const all = minutes.flatMap(({ said }) => said ?? []);
  return all.length > 1 ? sumHours(all) : (all[0] ?? null);
}

/**
 * What minutes add to each resolution; hours are added up from minutes and days from hours. What is alone in its hour is the very object that
 * is its minute's, so that it need not be sent twice; `bucketMs` may be any moment of the bucket.
 */
export function rollUp(minutes: readonly Rollup[]): { resolution: Resolution; rollups: Rollup[] }[] {
  let finer = [...minutes];
  return resolutions.map((resolution) => {
    finer = addUp(finer, resolution.ms, sumOf);
    return { resolution, rollups: finer };
  });
}

/** What falls into the same bucket, as one; what is alone in it stays as it is. */
function addUp<R extends Rollup>(rollups: readonly R[], ms: number, join: (first: R, group: readonly R[]) => R): R[] {
  const groups = Map.groupBy(rollups, (rollup) => keyOf(rollup, ms));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first && group.length > 1 ? [join(first, group)] : group;
  });
}

function sumOf(first: Rollup, group: readonly Rollup[]): Rollup {
  const sum = { ...first, powerSources: [...first.powerSources] };
  for (const rollup of group) if (rollup !== first) addNumbers(sum, rollup);
  return { ...sum, latency: addUpBytes(group.map(({ latency }) => latency)) };
}

/** One text for one key. */
function keyOf({ organizationId, deviceId, bucketMs, slot, versionId }: RollupKey, ms: number): string {
  return `${organizationId}/${deviceId}/${Math.floor(bucketMs / ms)}/${slot}/${versionId}`;
}

function rollupOf({ organizationId, deviceId, versionId, startAt, window, latency }: RolledWindow): Rollup {
  const { labelled } = window;
  const hasTruth = labelled?.correct !== undefined;
  return {
    organizationId,
    deviceId,
    bucketMs: startAt.getTime(),
    slot: window.slot,
    versionId: versionId ?? NIL_ID,
    latency,
    windows: 1,
    inferences: window.inferences,
    errors: window.errors,
    durationMs: window.durationMs,
    energyJ: window.energyJ ?? null,
    energyInferences: window.energyJ === undefined ? 0 : window.inferences,
    powerWMs: window.powerW === undefined ? 0 : window.powerW * window.durationMs,
    powerMs: window.powerW === undefined ? 0 : window.durationMs,
    powerSources: window.powerSource === undefined ? [] : [window.powerSource],
    cpuPctSum: window.cpuPct ?? 0,
    cpuPctN: window.cpuPct === undefined ? 0 : 1,
    tempCSum: window.tempC ?? 0,
    tempCN: window.tempC === undefined ? 0 : 1,
    runnerRssBytes: window.runnerRssBytes ?? null,
    labelledN: hasTruth ? labelled.n : 0,
    labelledCorrect: labelled?.correct ?? 0,
    isThrottled: window.throttled ?? false,
  };
}
