'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { EventRow } from '@/server/queries/device-events.ts';
import type { DevicePage } from '@/server/queries/device-page.ts';
import type { TelemetrySeriesResult } from '@/server/queries/telemetry-series.ts';
import { useAlertMarkers } from '../../alerts/use-alert-markers.ts';
import { ChartStack } from '../../charts/chart-stack.tsx';
import { LatencyChart } from '../../charts/latency-chart.tsx';
import { StateTimeline } from '../../charts/state-timeline.tsx';
import { ChartSyncProvider } from '../../charts/sync.tsx';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { ChartRange } from '../../charts/use-chart-range.ts';
import { useTRPC } from '../../trpc/client.ts';
import { entityColor } from '../../ui/entity-color.ts';
import { formatDuration } from '../../ui/format.ts';
import { QueryView } from '../../ui/query-view.tsx';
import { SectionHead } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { powerNote } from '../power-note.ts';
import { CHART_METRICS, isMeasured, pointsOf, rangeSentence } from './chart-series.ts';
import { markersOf, timelineOf } from './timeline.ts';

/** A range that has passed is of no more use: each step of the moving end is a query of its own. */
const KEEP_MS = 60_000;

type DeviceChartsProps = { page: DevicePage; events: readonly EventRow[]; range: ChartRange };

/** How a device did over time: strips over one axis with one crosshair, and what it served meanwhile. */
export function DeviceCharts({ page, events, range }: DeviceChartsProps) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(
    trpc.fleet.telemetry.queryOptions(
      {
        org,
        metrics: CHART_METRICS,
        deviceIds: [page.device.id],
        from: new Date(range.from),
        to: new Date(range.to),
      },
      { placeholderData: keepPreviousData, gcTime: KEEP_MS },
    ),
  );
  const { data } = query;
  return (
    <>
      <SectionHead
        title={
          <>
            Since <Clock at={data?.from ?? range.from} style="minute" />
          </>
        }
        sentence={data ? `${formatDuration(data.stepMs)} per point` : undefined}
      />
      <QueryView query={query} what="The telemetry" skeleton={<SkeletonRows rows={8} columns={1} height={72} />}>
        {(result) => <Strips page={page} events={events} result={result} onZoom={range.zoom} />}
      </QueryView>
    </>
  );
}

type StripsProps = Pick<DeviceChartsProps, 'page' | 'events'> & {
  result: TelemetrySeriesResult;
  onZoom: (from: number, to: number) => void;
};

function Strips({ page, events, result, onZoom }: StripsProps) {
  const { from, to, stepMs } = result;
  const { serving, name, id } = page.device;
  const entityId = serving ? `${serving.modelName}@${serving.version}` : id;
  const limit = page.slots[0]?.release?.document.proof.maxLatencyP95Ms;
  const p95 = pointsOf(result, 'latency_p95_ms');
  const rows = timelineOf(events, to);
  const alerts = useAlertMarkers(result, id);
  const markers = useMemo(() => [...markersOf(events), ...alerts], [events, alerts]);
  return (
    <ChartSyncProvider>
      <ChartStack of={name} from={from} to={to} markers={markers} onRangeChange={onZoom}>
        <LatencyChart
          entityId={entityId}
          p50={pointsOf(result, 'latency_p50_ms')}
          p95={p95}
          p99={pointsOf(result, 'latency_p99_ms')}
          {...{ from, to, stepMs }}
          summary={rangeSentence('Latency p95', p95, 'ms')}
          {...(limit !== undefined && {
            thresholds: [{ value: limit, label: `proof limit ${limit} ms, p95`, tone: 'critical' as const }],
          })}
        />
        {STRIPS.map((strip) => {
          const points = pointsOf(result, strip.metric);
          const note = strip.note ?? powerNote(result.powerSources) ?? undefined;
          return (
            (isMeasured(points) || strip.empty !== undefined) && (
              <TimeSeries
                key={strip.metric}
                title={strip.title}
                unit={strip.unit}
                {...(note !== undefined && { note })}
                series={[{ id: strip.metric, label: strip.label, color: entityColor(entityId), points }]}
                {...{ from, to, stepMs }}
                height={strip.height}
                summary={rangeSentence(strip.title, points, strip.unit)}
                empty={strip.empty}
              />
            )
          );
        })}
        {rows.length > 0 && <StateTimeline rows={rows} from={from} to={to} />}
      </ChartStack>
    </ChartSyncProvider>
  );
}

/** The strips under the latency. One without `empty` only shows when it was measured; one without `note` names the power's source. */
const STRIPS = [
  {
    metric: 'power_w',
    title: 'Power',
    label: 'board',
    unit: 'W',
    height: 72,
    empty: 'This device has no power sensor, and no estimate came.',
    note: undefined,
  },
  {
    metric: 'energy_mj',
    title: 'Energy per inference',
    label: 'mean',
    unit: 'mJ',
    height: 72,
    empty: undefined,
    note: undefined,
  },
  { metric: 'temp_c', title: 'Temperature', label: 'board', unit: '°C', height: 72, empty: undefined, note: '' },
  {
    metric: 'accuracy',
    title: 'Accuracy',
    label: 'correct',
    unit: 'ratio',
    height: 84,
    empty: undefined,
    note: 'labelled',
  },
  {
    metric: 'throughput_per_s',
    title: 'Throughput',
    label: 'inferences',
    unit: '/s',
    height: 72,
    empty: 'No inferences in this time.',
    note: '',
  },
] as const;
