'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { AccuracyView } from '@/server/queries/accuracy.ts';
import type { ChartRange } from '../charts/use-chart-range.ts';
import { useTRPC } from '../trpc/client.ts';
import { type Fact, Facts } from '../ui/facts.tsx';
import { formatQuantity, NBSP, plural } from '../ui/format.ts';
import { QueryView } from '../ui/query-view.tsx';
import { Section } from '../ui/section.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState } from '../ui/states.tsx';
import { useOrg } from '../ui/use-org.ts';
import { AccuracyChart } from './accuracy-chart.tsx';
import { ClassTable } from './class-table.tsx';
import { ConfusionTable } from './confusion-table.tsx';
import type { MonitoredProps } from './drift-section.tsx';
import classes from './monitoring.module.css';
import { accuracySentence, untoldWords } from './words.ts';

/** How right a version was over the page's range: measured from labels, and estimated beside it. */
export function AccuracySection({ model, version, deviceId, range }: MonitoredProps & { range: ChartRange }) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(
    trpc.monitoring.accuracy.queryOptions(
      { org, model, version, ...(deviceId ? { deviceId } : {}), from: new Date(range.from), to: new Date(range.to) },
      { placeholderData: keepPreviousData },
    ),
  );
  return (
    <Section
      title="Accuracy"
      sentence={query.data && accuracySentence(query.data)}
      end={<Link href={at.monitoring()}>Labels</Link>}
    >
      <QueryView query={query} what="Accuracy" skeleton={<SkeletonRows columns={3} rows={3} />}>
        {(view) => (
          <Told
            view={view}
            chart={<AccuracyChart view={view} of={`${model}@${version}`} onRangeChange={range.zoom} />}
          />
        )}
      </QueryView>
    </Section>
  );
}

function Told({ view, chart }: { view: AccuracyView; chart: ReactNode }) {
  const { accuracy, estimate, regression, detection, confusion, classification, late } = view;
  if (!accuracy && !estimate && !regression && !detection && !confusion)
    return (
      <EmptyState
        title={late.reported > 0 ? 'No labels in this time' : 'Nothing to judge by in this time'}
        command={`curl -X POST "$FLOTILLA/api/v1/labels" -H "Authorization: Bearer $KEY" -H "content-type: text/csv" --data-binary $'id,class\\n<inference id>,0'`}
      >
        {late.reported > 0
          ? `Devices reported ${plural(late.reported, 'answer')} by inference id. Send what was right, now or weeks later, and it is counted under the hour of the answer.`
          : `Devices report ${formatQuantity(view.sampledShare, 'ratio', { digits: 1 })} of their answers by inference id, for labels that come later. A version registered with a calibration file is also estimated without labels.`}
      </EmptyState>
    );
  return (
    <div className={classes.accuracy}>
      <Facts facts={factsOf(view)} />
      {chart}
      {confusion && <ConfusionTable confusion={confusion} names={view.classes} />}
      {classification && <ClassTable scores={classification.perClass} names={view.classes} isOfObjects={false} />}
      {detection && <ClassTable scores={detection.perClass} names={view.classes} isOfObjects />}
    </div>
  );
}

function factsOf(view: AccuracyView): Fact[] {
  const { accuracy, estimate, onDevice, late, classification, regression, detection } = view;
  const percent = (share: number | null | undefined) => formatQuantity(share, 'ratio', { digits: 1 });
  const facts: (Fact | null)[] = [
    accuracy && {
      label: 'Measured',
      value: (
        <span className={accuracy.isFew ? classes.dim : classes.strong}>
          {`${percent(accuracy.share)}, ${percent(accuracy.low)} to ${percent(accuracy.high)} at 95${NBSP}%`}
          {accuracy.isFew && ' · fewer than 200 labels'}
          {accuracy.isWeighted && ' · unsure answers weighed by how many there are'}
        </span>
      ),
    },
    view.untold && {
      label: 'Not known',
      value: <span className={classes.dim}>{`how right it is by later labels: ${untoldWords[view.untold]}`}</span>,
    },
    estimate && {
      label: 'Estimated',
      value: `${percent(estimate.accuracy)}, ${percent(estimate.low)} to ${percent(estimate.high)}, from the confidence of ${plural(estimate.n, 'answer')}`,
    },
    classification && {
      label: 'Baseline',
      value: `${percent(classification.baseline.accuracy)} by answering “${view.classes?.[classification.baseline.index] ?? `class ${classification.baseline.index}`}” every time`,
    },
    onDevice.n > 0 ? { label: 'On devices', value: plural(onDevice.n, 'label') } : null,
    late.reported > 0
      ? {
          label: 'Labelled later',
          value: `${plural(late.n, 'label')} for ${plural(late.reported, 'reported answer')}, ${percent(late.coverage)}`,
        }
      : null,
    classification && {
      label: 'F1',
      value: `${percent(classification.macroF1)} over classes alike, ${percent(classification.weightedF1)} by their size`,
    },
    regression && {
      label: 'Error',
      value: `mean ${formatQuantity(regression.mae, 'share')}, root mean square ${formatQuantity(regression.rmse, 'share')}, bias ${formatQuantity(regression.bias, 'share', { signed: true })}, of ${plural(regression.n, 'label')}`,
    },
    detection && {
      label: 'Objects',
      value: `${plural(detection.truePositives, 'found', 'found')}, ${plural(detection.falsePositives, 'wrongly', 'wrongly')}, ${plural(detection.falseNegatives, 'missed', 'missed')}`,
    },
  ];
  return facts.filter((fact): fact is Fact => fact !== null);
}
