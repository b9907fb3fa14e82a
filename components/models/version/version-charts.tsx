'use client';

import { useMemo } from 'react';
import type { VersionPage } from '@/server/queries/model-pages.ts';
import type { TelemetrySeriesResult } from '@/server/queries/telemetry-series.ts';
import { useAlertMarkers } from '../../alerts/use-alert-markers.ts';
import { ChartStack } from '../../charts/chart-stack.tsx';
import { LatencyChart } from '../../charts/latency-chart.tsx';
import { latestSummary } from '../../charts/latest-summary.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { Point, Series } from '../../charts/types.ts';
import type { ChartRange } from '../../charts/use-chart-range.ts';
import { powerNote } from '../../devices/power-note.ts';
import { problemOf } from '../../ui/problem.ts';
import { SectionHead } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { VersionTag } from '../../ui/tags.tsx';
import { type Against, useVersionSeries } from './use-version-series.ts';
import classes from './version-charts.module.css';

type Metric = TelemetrySeriesResult['series'][number]['metric'];

/** How the version does in the field over the page's range, and beside another version of its model where one was measured. */
export function VersionCharts({ page, range }: { page: VersionPage; range: ChartRange }) {
  const { version } = page;
  const query = useVersionSeries(page, range);
  const { data, against } = query;
  const lines = useMemo(() => linesBy(data, page, against), [data, page, against]);
  const markers = useAlertMarkers(range, version.id);
  const head = (
    <SectionHead
      title="In the field"
      sentence={
        against && lines.ownP95.length > 0 ? (
          <span className={classes.against}>
            against
            <VersionTag id={`${version.modelName}@${against.version}`} name={against.version} />
          </span>
        ) : (
          'all devices that serve it'
        )
      }
    />
  );
  if (query.error && !data) {
    const { sentence, requestId } = problemOf(query.error);
    return (
      <>
        {head}
        <ErrorState
          message="The charts could not be loaded"
          advice={sentence}
          onRetry={() => void query.refetch()}
          requestId={requestId}
        />
      </>
    );
  }
  if (!data)
    return (
      <>
        {head}
        <SkeletonRows columns={1} rows={6} height={60} />
      </>
    );
  if (lines.ownP95.length === 0) {
    return (
      <>
        {head}
        <p className={classes.none}>
          {page.servingDevices === 0
            ? 'No device serves this version, so nothing is measured. Roll it out, or choose a longer range.'
            : 'Nothing was measured in this time. A device reports its first window about a minute after it serves.'}
        </p>
      </>
    );
  }
  const frame = { stepMs: data.stepMs, from: data.from, to: data.to };
  const own = `${version.modelName}@${version.version}`;
  return (
    <>
      {head}
      <ChartStack
        of={`${version.modelName} ${version.version}`}
        from={data.from}
        to={data.to}
        markers={markers}
        onRangeChange={range.zoom}
      >
        <LatencyChart
          {...frame}
          entityId={own}
          p50={lines.p50}
          p95={lines.ownP95}
          p99={lines.p99}
          summary={latestSummary('Latency p95', lines.p95, 'ms')}
        />
        {against && (
          <TimeSeries
            {...frame}
            title="p95"
            unit="ms"
            note="both"
            series={lines.p95}
            countNoun="inferences"
            summary={latestSummary('Latency p95', lines.p95, 'ms')}
          />
        )}
        <TimeSeries
          {...frame}
          title="Accuracy"
          unit="ratio"
          note="labelled"
          series={lines.accuracy}
          countNoun="labelled inferences"
          summary={latestSummary('Accuracy', lines.accuracy, 'ratio')}
          empty="No device labelled an inference in this time. Labels that came later count under Accuracy below."
        />
        <TimeSeries
          {...frame}
          title="Energy"
          unit="mJ"
          note={energyNote(data.powerSources)}
          series={lines.energy}
          height={72}
          summary={latestSummary('Energy per inference', lines.energy, 'mJ')}
          empty="No device that serves it has a power sensor."
        />
        <TimeSeries
          {...frame}
          title="Throughput"
          unit="/s"
          note="a device"
          series={lines.throughput}
          height={72}
          summary={latestSummary('Throughput', lines.throughput, '/s')}
        />
      </ChartStack>
    </>
  );
}

function energyNote(sources: readonly string[]): string {
  return ['an inference', powerNote(sources)].filter(Boolean).join(', ');
}

type Lines = { p50: Point[]; p99: Point[]; ownP95: Point[] } & Record<
  'p95' | 'accuracy' | 'energy' | 'throughput',
  Series[]
>;

function linesBy(data: TelemetrySeriesResult | undefined, { version }: VersionPage, against: Against | null): Lines {
  const points = (id: string, metric: Metric) =>
    data?.series.find((each) => each.key === id && each.metric === metric)?.points ?? [];
  const drawn = [{ id: version.id, version: version.version }, ...(against ? [against] : [])];
  const lines = (metric: Metric) =>
    drawn.map((each) => ({
      id: `${version.modelName}@${each.version}`,
      label: each.version,
      points: points(each.id, metric),
    }));
  return {
    p50: points(version.id, 'latency_p50_ms'),
    ownP95: points(version.id, 'latency_p95_ms'),
    p99: points(version.id, 'latency_p99_ms'),
    p95: lines('latency_p95_ms'),
    accuracy: lines('accuracy'),
    energy: lines('energy_mj'),
    throughput: lines('throughput_per_s'),
  };
}
