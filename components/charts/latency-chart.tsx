'use client';

import type { ComponentProps } from 'react';
import { entityColor } from '../ui/entity-color.ts';
import { TimeSeries } from './time-series.tsx';
import type { Point } from './types.ts';

type LatencyChartProps = Omit<ComponentProps<typeof TimeSeries>, 'title' | 'unit' | 'series' | 'band'> & {
  title?: string;
  /** What the colour belongs to: the version in service. */
  entityId: string;
  p50: readonly Point[];
  p95: readonly Point[];
  p99: readonly Point[];
};

/** One entity's latency: p95 strong, p50 and p99 pale beside it, the room between p50 and p95 filled. */
export function LatencyChart({ title = 'Latency', entityId, p50, p95, p99, ...rest }: LatencyChartProps) {
  const color = entityColor(entityId);
  const series = [
    { id: 'p99', label: 'p99', color, isPale: true, points: p99 },
    { id: 'p95', label: 'p95', color, points: p95 },
    { id: 'p50', label: 'p50', color, isPale: true, points: p50 },
  ];
  return (
    <TimeSeries title={title} unit="ms" height={172} countNoun="inferences" {...rest} series={series} band={BETWEEN} />
  );
}

const BETWEEN = { from: 'p50', to: 'p95' };
