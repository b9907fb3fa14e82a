import { useMemo } from 'react';
import type { AccuracyView } from '@/server/queries/accuracy.ts';
import { latestSummary } from '../charts/latest-summary.ts';
import { TimeSeries } from '../charts/time-series.tsx';
import type { Series } from '../charts/types.ts';
import { accuracySeries } from './accuracy-series.ts';

type AccuracyChartProps = { view: AccuracyView; of: string; onRangeChange: (from: number, to: number) => void };

/** Measured accuracy over time and the estimated one beside it, each in its band. Of a single step the numbers say all. */
export function AccuracyChart({ view, of, onRangeChange }: AccuracyChartProps) {
  const { stepMs, points } = view.overTime;
  const series = useMemo((): Series[] => accuracySeries(points, of), [points, of]);
  if (points.length < 2 || series.length === 0) return null;
  return (
    <TimeSeries
      title="Over time"
      unit="ratio"
      note="by the hour of the answer, in its band"
      series={series}
      stepMs={stepMs}
      from={Math.floor(view.from.getTime() / stepMs) * stepMs}
      to={view.to.getTime()}
      band="extremes"
      legend="top"
      height={172}
      countNoun="answers"
      summary={latestSummary('Accuracy', series, 'ratio')}
      onRangeChange={onRangeChange}
    />
  );
}
