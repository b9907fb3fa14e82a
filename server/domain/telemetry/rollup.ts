import { emptySketch, mergeSketch, sketchFromWire, type Window } from '@flotilla/protocol';
import type { MetricSums } from './metrics.ts';

/** The lengths that telemetry is summed up by, shortest first. */
export const resolutions = [
  { name: 'minute', ms: 60_000 },
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
export type Rollup = RollupKey & RollupSums;

export type RolledWindow = {
  organizationId: string;
  deviceId: string;
  versionId: string | null;
  startAt: Date;
  window: Window;
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

/** Adds `other` to `sums`; the order of adding never changes the result but for the rounding of floating-point sums. */
export function addSums(sums: RollupSums, other: RollupSums): void {
  mergeSketch(sums.latency, other.latency);
  addNumbers(sums, other);
}

/** As {@link addSums} but for the latencies, which storage keeps in another form. */
export function addNumbers(sums: RollupSums, other: Omit<RollupSums, 'latency'>): void {
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

/** What a batch of windows adds to each bucket of one resolution: of each device, and of the fleet. */
export function rollUp(windows: readonly RolledWindow[], { ms }: Resolution): Rollup[] {
  const rollups = new Map<string, Rollup>();
  for (const { organizationId, deviceId, versionId, startAt, window } of windows) {
    const sums = sumsOf(window);
    for (const scope of [deviceId, NIL_ID]) {
      const key: RollupKey = {
        organizationId,
        deviceId: scope,
        bucketMs: Math.floor(startAt.getTime() / ms) * ms,
        slot: window.slot,
        versionId: versionId ?? NIL_ID,
      };
      const name = keyOf(key);
      const rollup = rollups.get(name) ?? { ...key, ...emptySums() };
      addSums(rollup, sums);
      rollups.set(name, rollup);
    }
  }
  return [...rollups.values()];
}

/** One text for one key; also the order in which rows are locked, the same in every worker. */
export function keyOf({ organizationId, deviceId, bucketMs, slot, versionId }: RollupKey): string {
  return `${organizationId}/${deviceId}/${bucketMs}/${slot}/${versionId}`;
}

function sumsOf(window: Window): RollupSums {
  const { labelled } = window;
  const hasTruth = labelled?.correct !== undefined;
  return {
    windows: 1,
    inferences: window.inferences,
    errors: window.errors,
    durationMs: window.durationMs,
    latency: sketchFromWire(window.latencyMs.run),
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
