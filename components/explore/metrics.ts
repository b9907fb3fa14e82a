import { metricWords } from '@/server/domain/telemetry/metric-words.ts';
import type { Metric } from '@/server/domain/telemetry/metrics.ts';
import type { Unit } from '../ui/format.ts';

/** Every metric that can be charted, in the order of the menu. */
export const METRIC_KEYS = Object.keys(metricWords) as Metric[];

/** How much a value differs from the one it is compared with: a share of it, or for shares the difference in points. */
export function changeOf(
  metric: Metric,
  value: number | null,
  base: number | null,
): { value: number; unit: Unit } | null {
  if (value === null || base === null) return null;
  if (metricWords[metric].unit === 'ratio') return { value: (value - base) * 100, unit: 'pt' };
  return base === 0 ? null : { value: value / base - 1, unit: 'ratio' };
}
