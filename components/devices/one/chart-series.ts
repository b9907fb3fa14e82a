import type { Metric } from '@/server/domain/telemetry/metrics.ts';
import type { TelemetrySeriesResult } from '@/server/queries/telemetry-series.ts';
import type { Point } from '../../charts/types.ts';
import { formatQuantity, type Unit } from '../../ui/format.ts';

/** Everything that the charts of a device show, in one request. */
export const CHART_METRICS: Metric[] = [
  'latency_p50_ms',
  'latency_p95_ms',
  'latency_p99_ms',
  'power_w',
  'energy_mj',
  'temp_c',
  'accuracy',
  'throughput_per_s',
];

/** One metric's points; empty when nothing was measured. */
export function pointsOf(result: TelemetrySeriesResult, metric: Metric): Point[] {
  return result.series.find((series) => series.metric === metric)?.points ?? [];
}

/** Whether a metric was measured at all in the range. */
export function isMeasured(points: readonly Point[]): boolean {
  return points.some(({ value }) => value !== null);
}

/** A metric in one sentence: where it lay and where it is. */
export function rangeSentence(what: string, points: readonly Point[], unit: Unit): string {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const last = values.at(-1);
  if (last === undefined) return `${what} was not measured in this time.`;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const write = (value: number) => formatQuantity(value, unit);
  return `${what} lay between ${write(low)} and ${write(high)}, last ${write(last)}.`;
}
