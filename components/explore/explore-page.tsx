'use client';

import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { RangeMenu } from '../charts/range-menu.tsx';
import { useChartRange } from '../charts/use-chart-range.ts';
import { Page } from '../shell/page.tsx';
import { useTRPC } from '../trpc/client.ts';
import { PageHead } from '../ui/page-head.tsx';
import { problemOf } from '../ui/problem.ts';
import { QueryView } from '../ui/query-view.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { useOrg } from '../ui/use-org.ts';
import { ExploreActions } from './explore-actions.tsx';
import { ExploreCharts } from './explore-charts.tsx';
import { ExploreFields } from './explore-fields.tsx';
import { type ExploreView, useExploreUrl } from './use-explore-url.ts';
import { WholeTable } from './whole-table.tsx';

/** A range that has passed is of no more use: each step of the moving end is a query of its own. */
const KEEP_MS = 60_000;

/** Any metric by version, device or label, over one range, with the rollouts that explain what changed. */
export function ExplorePage() {
  const { org } = useOrg();
  const trpc = useTRPC();
  const range = useChartRange();
  const { view, change, reset } = useExploreUrl();
  const choices = useQuery(trpc.fleet.exploreChoices.queryOptions({ org }));
  const query = useQuery(
    trpc.fleet.explore.queryOptions(
      { org, ...inputOf(view, choices.data), from: new Date(range.from), to: new Date(range.to) },
      {
        enabled: (view.model === '' || choices.data !== undefined) && (view.split !== 'label' || view.label !== ''),
        placeholderData: keepPreviousData,
        gcTime: KEEP_MS,
        retry: (count, error) => error.data?.code !== 'BAD_REQUEST' && count < 3,
      },
    ),
  );
  const selectorError =
    view.selector !== '' && query.error?.data?.code === 'BAD_REQUEST' ? problemOf(query.error).sentence : null;
  const isAsked = view.split !== 'label' || view.label !== '';
  return (
    <Page crumbs={[{ label: 'Telemetry' }]} tools={<RangeMenu range={range} />}>
      <PageHead
        title="Explore telemetry"
        sentence="Percentiles are merged from every device’s sketch, never averaged. Drag over a chart to zoom; the address shares the view."
        actions={<ExploreActions view={view} result={query.data} />}
      />
      <ExploreFields view={view} choices={choices.data} selectorError={selectorError} onChange={change} />
      {!isAsked && <p>Choose the label whose values become the lines.</p>}
      {isAsked && selectorError === null && (
        <QueryView query={query} what="The telemetry" skeleton={<SkeletonRows rows={4} columns={1} height={120} />}>
          {(result) =>
            result.lines.length === 0 ? (
              <Nothing view={view} onReset={reset} />
            ) : (
              <>
                <WholeTable view={view} result={result} />
                <ExploreCharts view={view} result={result} onZoom={range.zoom} />
              </>
            )
          }
        </QueryView>
      )}
    </Page>
  );
}

type Choices = { models: { name: string; versions: { id: string }[] }[] } | undefined;

function inputOf(view: ExploreView, choices: Choices) {
  const ofModel = choices?.models.find(({ name }) => name === view.model)?.versions.map(({ id }) => id);
  const versionIds = view.versions.length > 0 ? view.versions : ofModel?.slice(0, 50);
  return {
    metrics: view.metrics,
    groupBy: view.split,
    ...(view.split === 'label' && { labelKey: view.label }),
    ...(view.selector !== '' && { selector: view.selector }),
    ...(versionIds && { versionIds }),
    sameDevices: view.sameDevices,
  };
}

function Nothing({ view, onReset }: { view: ExploreView; onReset: () => void }) {
  const isNarrowed = view.selector !== '' || view.model !== '' || view.versions.length > 0;
  return (
    <div>
      <p>
        {view.sameDevices && view.versions.length >= 2
          ? 'No device ran every one of these versions in this time. Choose a longer range, or compare them on all devices.'
          : 'Nothing was measured in this time. Choose a longer range; a device reports its first window about a minute after it serves.'}
      </p>
      {isNarrowed && <Button onClick={onReset}>Show the whole fleet</Button>}
    </div>
  );
}
