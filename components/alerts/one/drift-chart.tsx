'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ScrollRegion } from '@/components/ui/scroll-region';
import type { AlertDrift, DriftLine } from '@/server/queries/alert-drift.ts';
import type { AlertRow } from '@/server/queries/alerts.ts';
import { latestSummary } from '../../charts/latest-summary.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { Series, Threshold } from '../../charts/types.ts';
import { DriftNumberCells, DriftNumberHeads } from '../../monitoring/drift-table.tsx';
import tableClasses from '../../monitoring/monitoring.module.css';
import { featureTitle } from '../../monitoring/words.ts';
import { useTRPC } from '../../trpc/client.ts';
import { formatNumber, formatQuantity } from '../../ui/format.ts';
import { problemOf } from '../../ui/problem.ts';
import { SectionHead } from '../../ui/section.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './evidence-chart.module.css';
import { useMarkers } from './use-markers.ts';

const TITLE = 'Distance from the reference';

/** How far what drifted was from its reference, hour by hour, with the limit and the numbers behind the last hour. */
export function DriftChart({ alert }: { alert: AlertRow }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(
    trpc.alerts.drift.queryOptions({ org, alertId: alert.id }, { placeholderData: keepPreviousData }),
  );
  const { data } = query;
  if (query.error && !data)
    return <p className={classes.note}>{`The chart could not be loaded. ${problemOf(query.error).sentence}`}</p>;
  if (data === undefined) return <div className={classes.wait} />;
  if (data === null) return null;
  return (
    <>
      <SectionHead title="Evidence" sentence={sentenceOf(data)} />
      {data.lines.length === 0 ? (
        <EmptyState title="Nothing is known of this drift any more">
          Findings go with their version, and when a new reference takes the place of the one they were found by.
        </EmptyState>
      ) : (
        <>
          <Distances drift={data} alert={alert} />
          <Numbers drift={data} />
        </>
      )}
    </>
  );
}

function sentenceOf({ lines, hidden }: AlertDrift): string | undefined {
  return hidden > 0 ? `${lines.length} of ${formatNumber(lines.length + hidden, 0)}, those that drift most` : undefined;
}

function Distances({ drift, alert }: { drift: AlertDrift; alert: AlertRow }) {
  const { from, to, stepMs, limit } = drift;
  const markers = useMarkers(alert);
  const series = useMemo(
    () => drift.lines.map((line): Series => ({ id: line.id, label: labelOf(line, drift), points: line.points })),
    [drift],
  );
  const thresholds = useMemo(
    (): Threshold[] => [{ value: limit, label: `drift from ${formatQuantity(limit, 'share')}`, tone: 'critical' }],
    [limit],
  );
  return (
    <TimeSeries
      title={TITLE}
      unit="share"
      note="0 to 1"
      series={series}
      stepMs={stepMs}
      from={from}
      to={to}
      thresholds={thresholds}
      markers={markers}
      legend="top"
      height={196}
      countNoun="samples"
      summary={latestSummary(TITLE, series, 'share')}
      empty="The hours of this alert are kept no longer. What was found is below."
    />
  );
}

function Numbers({ drift }: { drift: AlertDrift }) {
  return (
    <ScrollRegion className={tableClasses.scroll} label="Numbers of the drift">
      <table className={tableClasses.table}>
        <thead>
          <tr>
            <th scope="col">Distribution</th>
            <th scope="col">On</th>
            <th scope="col">Drift</th>
            <DriftNumberHeads />
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {drift.lines.map((line) => (
            <tr key={line.id}>
              <th scope="row">{featureTitle({ kind: line.kind, name: line.feature })}</th>
              <td>{line.subject}</td>
              <td>{line.closedAt ? 'over' : line.severity}</td>
              <DriftNumberCells numbers={line.numbers} />
              <td>
                <Clock at={line.since} style="day" /> <Clock at={line.since} style="minute" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** The distribution alone where all are of one device. */
function labelOf({ kind, feature, subject }: DriftLine, { members }: AlertDrift): string {
  const title = featureTitle({ kind, name: feature });
  return members > 1 ? `${title}, ${subject}` : title;
}
