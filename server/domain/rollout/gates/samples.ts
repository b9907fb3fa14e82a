import type { Sketch } from '@flotilla/protocol';
import type { GateMetric } from './gate.ts';
import type { Series } from './series.ts';

/** Metrics that a window has one value of. */
export type SeriesMetric = Exclude<GateMetric, 'error_rate' | 'accuracy' | 'estimated_accuracy' | 'drift'>;

/** Of `n` observations `bad` were wrong or failed. `burst` is the sum over windows of bad² / n, which tells whether they come together. */
export type Counts = { n: number; bad: number; windows: number; burst: number };

/** How far a device is from its version's reference, and the variance that chance gives that distance; of `n` answers. */
export type DriftSample = { distance: number; variance: number; n: number };

/** What one device did in one period. `labels` are of the device itself and of those that came later. A metric that was not measured is absent. */
export type PeriodSample = {
  inferences: Counts;
  labels: Counts;
  /** Answers with a calibrated confidence; `bad` of them are wrong, as that promises. */
  estimated?: Counts;
  drift?: DriftSample;
  /** Natural logarithms of the windows' values, but degrees for temperature. */
  series: Partial<Record<SeriesMetric, Series>>;
  /** Latencies in ms, where a wave is so small that the streams themselves are looked at. */
  latency?: Sketch;
};

/** One device before it moved and after; of a control device, before and after the wave moved. */
export type DeviceSample = {
  deviceId: string;
  /** Devices of one class are compared with each other. */
  hardwareClass: string;
  /** It served nothing before. */
  isNew: boolean;
  before: PeriodSample | null;
  after: PeriodSample;
  /** Change of a metric's mean between two periods in which the device served the same release. */
  usual: Partial<Record<SeriesMetric, number>>;
};

/** What gates are judged on: the devices of a wave that moved, and those that did not. */
export type GateSamples = { devices: readonly DeviceSample[]; control: readonly DeviceSample[] };

/** Of a wave that nothing is known of. */
export const noSamples: GateSamples = { devices: [], control: [] };
