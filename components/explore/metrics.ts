import type { Metric } from '@/server/domain/telemetry/metrics.ts';
import type { Unit } from '../ui/format.ts';

type MetricWords = {
  title: string;
  unit: Unit;
  /** What the value is of, after the unit. */
  note?: string;
  /** What the samples behind it are. */
  countNoun: string;
  /** Which way is good; absent where neither is. */
  better?: 'less' | 'more';
};

/** Every metric that can be charted, in the order of the menu. */
export const METRICS: Record<Metric, MetricWords> = {
  latency_p50_ms: { title: 'Latency p50', unit: 'ms', countNoun: 'inferences', better: 'less' },
  latency_p95_ms: { title: 'Latency p95', unit: 'ms', countNoun: 'inferences', better: 'less' },
  latency_p99_ms: { title: 'Latency p99', unit: 'ms', countNoun: 'inferences', better: 'less' },
  latency_mean_ms: { title: 'Latency, mean', unit: 'ms', countNoun: 'inferences', better: 'less' },
  throughput_per_s: { title: 'Throughput', unit: '/s', note: 'a device', countNoun: 'inferences' },
  error_rate: { title: 'Errors', unit: 'ratio', note: 'of all requests', countNoun: 'requests', better: 'less' },
  accuracy: { title: 'Accuracy', unit: 'ratio', note: 'labelled', countNoun: 'labelled inferences', better: 'more' },
  energy_mj: { title: 'Energy', unit: 'mJ', note: 'an inference', countNoun: 'inferences', better: 'less' },
  power_w: { title: 'Power', unit: 'W', note: 'a board', countNoun: 'inferences', better: 'less' },
  cpu_pct: { title: 'CPU', unit: '%', note: 'of a board', countNoun: 'inferences', better: 'less' },
  temp_c: { title: 'Temperature', unit: '°C', countNoun: 'inferences', better: 'less' },
  runner_rss_bytes: { title: 'Runner memory', unit: 'bytes', note: 'highest', countNoun: 'inferences', better: 'less' },
};

export const METRIC_KEYS = Object.keys(METRICS) as Metric[];

/** How much a value differs from the one it is compared with: a share of it, or for shares the difference in points. */
export function changeOf(
  metric: Metric,
  value: number | null,
  base: number | null,
): { value: number; unit: Unit } | null {
  if (value === null || base === null) return null;
  if (METRICS[metric].unit === 'ratio') return { value: (value - base) * 100, unit: 'pt' };
  return base === 0 ? null : { value: value / base - 1, unit: 'ratio' };
}
