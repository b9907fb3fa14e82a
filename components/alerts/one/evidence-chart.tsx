'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useMemo } from 'react';
import { type AlertCondition, isBoardMetric, type MetricCondition } from '@/server/domain/alerts/condition.ts';
import { metricText, metricWords } from '@/server/domain/alerts/words.ts';
import type { Metric } from '@/server/domain/telemetry/metrics.ts';
import type { AlertPage } from '@/server/queries/alerts.ts';
import { latestSummary } from '../../charts/latest-summary.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { Series, Threshold } from '../../charts/types.ts';
import { withQuery } from '../../routes.ts';
import { useTRPC } from '../../trpc/client.ts';
import { problemOf } from '../../ui/problem.ts';
import { SectionHead } from '../../ui/section.tsx';
import { useClockText } from '../../ui/use-now.ts';
import { useOrg } from '../../ui/use-org.ts';
import { DriftChart } from './drift-chart.tsx';
import classes from './evidence-chart.module.css';
import { useMarkers } from './use-markers.ts';

/** Lines that can be told apart; the members that fire first are shown. */
const MAX_LINES = 8;

/** Shown before it fired and after it was over: at least this, and as long as the window that the rule looks at. */
const LEAST_AROUND_MS = 900_000;

/** The longest stretch drawn: of an alert that goes on for weeks, its last days. */
const MAX_SHOWN_MS = 7 * 86_400_000;

const EDGE_MS = 15_000;

/** What the rule looked at, over the time of the alert, with its limit; nothing for rules that look at no series. */
export function EvidenceChart({ page }: { page: AlertPage }) {
  const { condition } = page.alert;
  if (condition.kind === 'metric' && !isBoardMetric(condition.metric))
    return <MetricChart page={page} condition={condition} metric={condition.metric} />;
  if (condition.kind === 'metric' || condition.kind === 'offline') return <BoardChart page={page} />;
  if (condition.kind === 'drift') return <DriftChart alert={page.alert} />;
  return null;
}

/** Memory, disk, or how much of the time devices were heard. */
function BoardChart({ page: { alert } }: { page: AlertPage }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(
    trpc.alerts.evidence.queryOptions({ org, alertId: alert.id }, { placeholderData: keepPreviousData }),
  );
  const { data } = query;
  const markers = useMarkers(alert);
  const thresholds = useMemo(() => thresholdsOf(alert.condition), [alert.condition]);
  const series = useMemo(
    () => (data?.series ?? []).map(({ subjectId, name, points }): Series => ({ id: subjectId, label: name, points })),
    [data],
  );
  if (query.error && !data)
    return <p className={classes.note}>{`The chart could not be loaded. ${problemOf(query.error).sentence}`}</p>;
  if (data === undefined) return <div className={classes.wait} />;
  if (data === null) return null;
  return (
    <>
      <SectionHead
        title="Evidence"
        sentence={data.series.length < alert.peakMembers ? 'the devices that fired first' : undefined}
      />
      <TimeSeries
        title={data.title}
        unit="ratio"
        series={series}
        stepMs={data.stepMs}
        from={data.from}
        to={data.to}
        thresholds={thresholds}
        markers={markers}
        legend="top"
        height={196}
        summary={latestSummary(data.title, series, 'ratio')}
      />
    </>
  );
}

function thresholdsOf(condition: AlertCondition): Threshold[] {
  if (condition.kind !== 'metric' || condition.compare !== 'value') return [];
  const { metric, limit } = condition;
  return [{ value: limit, label: `limit ${metricText(metric, limit)}`, tone: 'critical' }];
}

type MetricChartProps = { page: AlertPage; condition: MetricCondition; metric: Metric };

function MetricChart({ page: { alert, members }, condition, metric }: MetricChartProps) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const nowMs = Number(useClockText((now) => String(Math.floor(now / EDGE_MS) * EDGE_MS)));
  const aroundMs = Math.max(LEAST_AROUND_MS, condition.windowS * 2_000);
  const to = alert.resolvedAt ? Math.min(nowMs, alert.resolvedAt.getTime() + aroundMs) : nowMs;
  const from = Math.max(alert.firedAt.getTime() - aroundMs, to - MAX_SHOWN_MS);
  const shown = members.slice(0, MAX_LINES);
  const ids = shown.map(({ subjectId }) => subjectId);
  const { per, versionId } = condition;
  const query = useQuery(
    trpc.fleet.telemetry.queryOptions(
      {
        org,
        metrics: [metric],
        groupBy: per === 'together' ? 'none' : per,
        ...(per === 'device' && { deviceIds: ids }),
        ...(per === 'version' ? { versionIds: ids } : versionId ? { versionIds: [versionId] } : {}),
        from: new Date(from),
        to: new Date(to),
        points: 160,
      },
      { placeholderData: keepPreviousData },
    ),
  );
  const { name, unit } = metricWords[metric];
  const series = useMemo(
    () =>
      shown.flatMap(({ subjectId, name: label }): Series[] => {
        const key = per === 'together' ? null : subjectId;
        const found = query.data?.series.find((each) => each.key === key);
        return found ? [{ id: subjectId, label, points: found.points }] : [];
      }),
    [query.data, shown, per],
  );
  const thresholds = useMemo(() => thresholdsOf(condition), [condition]);
  const markers = useMarkers(alert);
  if (query.error && !query.data)
    return <p className={classes.note}>{`The chart could not be loaded. ${problemOf(query.error).sentence}`}</p>;
  if (!query.data) return <div className={classes.wait} />;
  const selected =
    per === 'together' && condition.selector !== '' ? 'of every device; the rule means fewer' : undefined;
  const inExplore = withQuery(at.telemetry(), {
    m: metric,
    by: per === 'together' ? 'none' : per,
    devices: condition.selector,
    v: versionId ?? '',
  });
  return (
    <>
      <SectionHead title="Evidence" sentence={selected} end={<Link href={inExplore}>Explore</Link>} />
      <TimeSeries
        title={name}
        unit={unit}
        series={series}
        stepMs={query.data.stepMs}
        from={query.data.from}
        to={query.data.to}
        thresholds={thresholds}
        markers={markers}
        legend="top"
        height={196}
        summary={latestSummary(name, series, unit)}
      />
    </>
  );
}
