'use client';

import { useMemo } from 'react';
import { metricTitle, metricWords } from '@/server/domain/telemetry/metric-words.ts';
import type { Explored } from '@/server/queries/explore.ts';
import { ChartStack } from '../charts/chart-stack.tsx';
import { latestSummary } from '../charts/latest-summary.ts';
import { ChartSyncProvider } from '../charts/sync.tsx';
import { TimeSeries } from '../charts/time-series.tsx';
import { powerNote } from '../devices/power-note.ts';
import { formatDuration, plural } from '../ui/format.ts';
import { Section } from '../ui/section.tsx';
import { seriesOf } from './series.ts';
import type { ExploreView } from './use-explore-url.ts';
import { useMarkers } from './use-markers.ts';

const FIRST_HEIGHT = 172;
const HEIGHT = 110;

type ExploreChartsProps = { view: ExploreView; result: Explored; onZoom: (from: number, to: number) => void };

/** The chosen metrics under each other, over one axis and with one crosshair. */
export function ExploreCharts({ view, result, onZoom }: ExploreChartsProps) {
  const { from, to, stepMs, lines, total, devices } = result;
  const markers = useMarkers(result);
  const charts = useMemo(
    () => view.metrics.map((metric) => ({ metric, series: seriesOf(result, metric) })),
    [result, view.metrics],
  );
  const scope = [
    `${formatDuration(stepMs)} per point`,
    ...(devices === null ? [] : [plural(devices, 'device')]),
    ...(total > lines.length ? [`the ${lines.length} of ${total} lines with most inferences`] : []),
  ].join(' · ');
  return (
    <Section title="Over time" sentence={scope}>
      <ChartSyncProvider>
        <ChartStack of="the telemetry" from={from} to={to} markers={markers} onRangeChange={onZoom}>
          {charts.map(({ metric, series }, index) => {
            const words = metricWords[metric];
            const title = metricTitle(metric);
            const source = metric === 'energy_mj' || metric === 'power_w' ? powerNote(result.powerSources) : null;
            const note = [words.note, source].filter(Boolean).join(', ');
            return (
              <TimeSeries
                key={metric}
                title={title}
                unit={words.unit}
                {...(note !== '' && { note })}
                series={series}
                {...{ from, to, stepMs }}
                height={index === 0 ? FIRST_HEIGHT : HEIGHT}
                countNoun={words.countNoun}
                summary={latestSummary(title, series, words.unit)}
              />
            );
          })}
        </ChartStack>
      </ChartSyncProvider>
    </Section>
  );
}
