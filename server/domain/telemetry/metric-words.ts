import type { Metric } from './metrics.ts';

export type MetricUnit = 'ms' | 'ratio' | '/s' | 'mJ' | 'W' | '%' | '°C' | 'bytes';

export type MetricWords = {
  /** In a sentence. */
  name: string;
  /** Over a chart, where `note` is beside it; absent: the name. */
  title?: string;
  unit: MetricUnit;
  /** What the value is of, after the unit. */
  note?: string;
  /** What the samples behind it are. */
  countNoun: string;
  /** Which way is good; absent where neither is. */
  better?: 'less' | 'more';
};

/** What every metric is called wherever it is shown or told, in the order of menus. */
export const metricWords: Record<Metric, MetricWords> = {
  latency_p50_ms: { name: 'Latency p50', unit: 'ms', countNoun: 'inferences', better: 'less' },
  latency_p95_ms: { name: 'Latency p95', unit: 'ms', countNoun: 'inferences', better: 'less' },
  latency_p99_ms: { name: 'Latency p99', unit: 'ms', countNoun: 'inferences', better: 'less' },
  latency_mean_ms: {
    name: 'Mean latency',
    title: 'Latency, mean',
    unit: 'ms',
    countNoun: 'inferences',
    better: 'less',
  },
  throughput_per_s: { name: 'Throughput', unit: '/s', note: 'a device', countNoun: 'inferences' },
  error_rate: {
    name: 'Error rate',
    title: 'Errors',
    unit: 'ratio',
    note: 'of all requests',
    countNoun: 'requests',
    better: 'less',
  },
  accuracy: { name: 'Accuracy', unit: 'ratio', note: 'labelled', countNoun: 'labelled inferences', better: 'more' },
  energy_mj: {
    name: 'Energy per inference',
    title: 'Energy',
    unit: 'mJ',
    note: 'an inference',
    countNoun: 'inferences',
    better: 'less',
  },
  power_w: { name: 'Power', unit: 'W', note: 'a board', countNoun: 'inferences', better: 'less' },
  cpu_pct: { name: 'CPU', unit: '%', note: 'of a board', countNoun: 'inferences', better: 'less' },
  temp_c: { name: 'Temperature', unit: '°C', countNoun: 'inferences', better: 'less' },
  runner_rss_bytes: {
    name: 'Memory of the runner',
    title: 'Runner memory',
    unit: 'bytes',
    note: 'highest',
    countNoun: 'inferences',
    better: 'less',
  },
};

export function metricTitle(metric: Metric): string {
  const { name, title } = metricWords[metric];
  return title ?? name;
}
