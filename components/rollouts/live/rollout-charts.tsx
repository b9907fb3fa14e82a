'use client';

import { useMemo } from 'react';
import { opOf, type Gate as PlannedGate } from '@/server/domain/rollout/gates/gate.ts';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import { latestSummary } from '../../charts/latest-summary.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { Series, Threshold } from '../../charts/types.ts';
import { problemOf } from '../../ui/problem.ts';
import { markersOf } from './markers.ts';
import classes from './rollout-charts.module.css';
import { linesOf, type useRolloutSeries } from './use-rollout-series.ts';
import { limitText } from './words.ts';

type RolloutChartsProps = {
  page: RolloutPage;
  series: ReturnType<typeof useRolloutSeries>;
  gates: readonly PlannedGate[];
};

/** The new version against those that devices come from: p95 and accuracy side by side, or energy where nothing is labelled. */
export function RolloutCharts({ page, series: { data, error, versions }, gates }: RolloutChartsProps) {
  const p95 = useMemo(() => linesOf(data, versions, 'latency_p95_ms'), [data, versions]);
  const accuracy = useMemo(() => linesOf(data, versions, 'accuracy'), [data, versions]);
  const energy = useMemo(() => linesOf(data, versions, 'energy_mj'), [data, versions]);
  const thresholds = useMemo(() => accuracyLimit(gates), [gates]);
  const markers = useMemo(
    () => (data ? markersOf(page.waves, page.decisions, data.from, data.to) : []),
    [page.waves, page.decisions, data],
  );
  if (error && !data)
    return <p className={classes.note}>{`The charts could not be loaded. ${problemOf(error).sentence}`}</p>;
  if (!data) return page.rollout.startedAt ? <div className={classes.wait} /> : null;
  const hasAccuracy = accuracy.some(isMeasured);
  const hasEnergy = energy.some(isMeasured);
  const common = { stepMs: data.stepMs, from: data.from, to: data.to, markers, legend: 'top' as const, height: 196 };
  return (
    <div className={classes.pair}>
      <TimeSeries
        {...common}
        title="Latency p95"
        unit="ms"
        series={p95}
        countNoun="inferences"
        summary={latestSummary('Latency p95', p95, 'ms')}
        empty="No inference was measured yet. The first window arrives about a minute after a device serves."
      />
      {hasAccuracy || !hasEnergy ? (
        <TimeSeries
          {...common}
          title="Accuracy"
          unit="ratio"
          note="labelled"
          series={accuracy}
          thresholds={thresholds}
          countNoun="labelled inferences"
          summary={latestSummary('Accuracy', accuracy, 'ratio')}
          empty="No labelled inference yet. Inputs with labels, such as the synthetic ones, give an accuracy."
        />
      ) : (
        <TimeSeries
          {...common}
          title="Energy per inference"
          unit="mJ"
          series={energy}
          summary={latestSummary('Energy per inference', energy, 'mJ')}
        />
      )}
    </div>
  );
}

function isMeasured({ points }: Series): boolean {
  return points.some(({ value }) => value !== null);
}

function accuracyLimit(gates: readonly PlannedGate[]): Threshold[] {
  return gates
    .filter(({ metric, compare }) => metric === 'accuracy' && compare === 'absolute')
    .map((gate) => ({
      value: gate.limit,
      label: `gate ${limitText({ ...gate, op: opOf(gate) })}`,
      tone: 'critical' as const,
    }));
}
