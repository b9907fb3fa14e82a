import { type GateMetric, isAccuracy } from './gate.ts';
import type { DeviceSample, GateSamples, SeriesMetric } from './samples.ts';

/** All but error rates, which are counted. */
export type MeanMetric = Exclude<GateMetric, 'error_rate'>;

/** By how much a device's own level moves between two periods without a new release: a variance, and how well it is known. */
export type UsualChange = { variance: number; df: number };

/**
 * Standard deviations that are taken where a fleet has not shown its own: on the large side of what small boards do from one hour to
 * the next. Logarithms, so about shares; accuracy as a share; °C; distance.
 */
const DEFAULT_SD: Record<MeanMetric, number> = {
  latency_p50: 0.08,
  latency_p95: 0.08,
  latency_p99: 0.12,
  energy_mj: 0.08,
  power_w: 0.08,
  rss_mb: 0.05,
  temperature: 2,
  accuracy: 0.01,
  estimated_accuracy: 0.01,
  drift: 0.05,
};

/** The same of the logarithm of an error rate. */
export const USUAL_ERROR_CHANGE = 0.3;

/** Standard deviations between devices of one hardware class, on the large side: cooling, age, place and load make them unequal for good. */
const LEVEL_SD: Record<MeanMetric, number> = {
  latency_p50: 0.3,
  latency_p95: 0.3,
  latency_p99: 0.35,
  energy_mj: 0.3,
  power_w: 0.3,
  rss_mb: 0.1,
  temperature: 6,
  accuracy: 0.03,
  estimated_accuracy: 0.03,
  drift: 0.08,
};

/** The same of the logarithm of an error rate. */
export const USUAL_ERROR_LEVEL = 0.7;

/** Devices that a default is worth, and at most count of those that were measured. */
const DEFAULT_DF = 5;
const MAX_MEASURED = 50;

/** The default, corrected by every device that was seen in two periods with the same release, of the wave or beside it. */
export function usualChange(metric: MeanMetric, { devices, control }: GateSamples): UsualChange {
  const known =
    isAccuracy(metric) || metric === 'drift' ? [] : [...changes(devices, metric), ...changes(control, metric)];
  const measured = known.slice(0, MAX_MEASURED);
  const squares = measured.reduce((sum, change) => sum + change * change, 0);
  const df = DEFAULT_DF + measured.length;
  return { df, variance: (DEFAULT_DF * DEFAULT_SD[metric] ** 2 + squares) / df };
}

/** How far devices of one class are from each other at one time, before their own spread corrects it. */
export function usualLevel(metric: MeanMetric): UsualChange {
  return { df: DEFAULT_DF, variance: LEVEL_SD[metric] ** 2 };
}

function changes(devices: readonly DeviceSample[], metric: SeriesMetric): number[] {
  return devices.flatMap(({ usual }) => usual[metric] ?? []);
}
