import type { Metric } from './metrics.ts';
import type { RollupSums } from './rollup.ts';

export type SumName = keyof RollupSums;

const latency = ['inferences', 'latency'] as const;

/** What a metric's value, and the number of its observations, are computed from. */
const behind: Record<Metric, readonly SumName[]> = {
  latency_p50_ms: latency,
  latency_p95_ms: latency,
  latency_p99_ms: latency,
  latency_mean_ms: latency,
  throughput_per_s: ['inferences', 'durationMs'],
  error_rate: ['inferences', 'errors'],
  accuracy: ['labelledN', 'labelledCorrect'],
  energy_mj: ['inferences', 'energyJ', 'energyInferences'],
  power_w: ['inferences', 'powerWMs', 'powerMs'],
  cpu_pct: ['inferences', 'cpuPctSum', 'cpuPctN'],
  temp_c: ['inferences', 'tempCSum', 'tempCN'],
  runner_rss_bytes: ['inferences', 'runnerRssBytes'],
};

/** The sums that these metrics need, each once: who looks at a whole fleet reads nothing else. */
export function sumsBehind(metrics: Iterable<Metric>): SumName[] {
  return [...new Set([...metrics].flatMap((metric) => behind[metric]))];
}
