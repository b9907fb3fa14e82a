import { meanOf, quantileOf, type Sketch } from '@flotilla/protocol';

/** What can be charted. Units are in the names; shares are 0 to 1; energy is per inference. */
export const metrics = [
  'latency_p50_ms',
  'latency_p95_ms',
  'latency_p99_ms',
  'latency_mean_ms',
  'throughput_per_s',
  'error_rate',
  'accuracy',
  'energy_mj',
  'power_w',
  'cpu_pct',
  'temp_c',
  'runner_rss_bytes',
] as const;
export type Metric = (typeof metrics)[number];

/** What the metrics of one bucket are computed from. What was not measured is null. */
export type MetricSums = {
  inferences: number;
  errors: number;
  durationMs: number;
  latency: Sketch;
  /** Energy of the windows that measured or estimated it, and the inferences made in those. */
  energyJ: number | null;
  energyInferences: number;
  powerW: number | null;
  cpuPct: number | null;
  tempC: number | null;
  runnerRssBytes: number | null;
  /** Answers of which the device knows whether they were right, and those that were. */
  labelledN: number;
  labelledCorrect: number;
};

/** Metrics that are read from latencies; the others are from numbers alone. */
type LatencyMetric = Extract<Metric, `latency_${string}`>;

/** One metric of a bucket; null when it was not measured, never 0 for that. */
export function metricOf(metric: Metric, sums: MetricSums): number | null {
  switch (metric) {
    case 'latency_p50_ms':
      return quantileOf(sums.latency, 0.5);
    case 'latency_p95_ms':
      return quantileOf(sums.latency, 0.95);
    case 'latency_p99_ms':
      return quantileOf(sums.latency, 0.99);
    case 'latency_mean_ms':
      return meanOf(sums.latency);
    default:
      return metricOfNumbers(metric, sums);
  }
}

export function metricOfNumbers(
  metric: Exclude<Metric, LatencyMetric>,
  sums: Omit<MetricSums, 'latency'>,
): number | null {
  switch (metric) {
    case 'throughput_per_s':
      return sums.durationMs > 0 ? (sums.inferences * 1000) / sums.durationMs : null;
    case 'error_rate':
      return ratio(sums.errors, sums.inferences + sums.errors);
    case 'accuracy':
      return ratio(sums.labelledCorrect, sums.labelledN);
    case 'energy_mj':
      return sums.energyJ === null ? null : ratio(sums.energyJ * 1000, sums.energyInferences);
    case 'power_w':
      return sums.powerW;
    case 'cpu_pct':
      return sums.cpuPct;
    case 'temp_c':
      return sums.tempC;
    case 'runner_rss_bytes':
      return sums.runnerRssBytes;
  }
}

/** How many observations stand behind a metric's value. */
export function sampleOf(metric: Metric, sums: Pick<MetricSums, 'inferences' | 'errors' | 'labelledN'>): number {
  if (metric === 'accuracy') return sums.labelledN;
  return metric === 'error_rate' ? sums.inferences + sums.errors : sums.inferences;
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
