import type { DeviceSample, GateSamples, PeriodSample, SeriesMetric } from './samples.ts';
import { seriesOf } from './series.ts';

type Period = {
  n?: number;
  bad?: number;
  labelled?: number;
  wrong?: number;
  windows?: number;
  series?: Partial<Record<SeriesMetric, number[]>>;
};

/** One period as a test says it, with everything in so many windows alike. */
export function period({ n = 0, bad = 0, labelled = 0, wrong = 0, windows = 1, series = {} }: Period): PeriodSample {
  const count = (of: number, hits: number) => ({ n: of, bad: hits, windows, burst: of === 0 ? 0 : hits ** 2 / of });
  const entries = Object.entries(series).map(([metric, values]) => [metric, seriesOf(values)]);
  return { inferences: count(n, bad), labels: count(labelled, wrong), series: Object.fromEntries(entries) };
}

/** One device, after and before it moved. */
export function device(after: Period, before: Period | null = null, more: Partial<DeviceSample> = {}): DeviceSample {
  return {
    ...{ deviceId: 'd', hardwareClass: 'all', isNew: false, usual: {} },
    before: before && period(before),
    after: period(after),
    ...more,
  };
}

/** A wave of one device with so many bad ones of n inferences. */
export function errors(bad: number, n: number): GateSamples {
  return { devices: n === 0 ? [] : [device({ n, bad })], control: [] };
}
