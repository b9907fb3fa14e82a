'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { Overview as OverviewData } from '@/server/queries/overview.ts';
import { withQuery } from '../routes.ts';
import { Page } from '../shell/page.tsx';
import { StatusBar } from '../status/status-bar.tsx';
import { useTRPC } from '../trpc/client.ts';
import { plural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Axes, Axis, Columns, Section, SectionHead } from '../ui/section.tsx';
import { useOrg } from '../ui/use-org.ts';
import { mapSentence } from './change.ts';
import { Decisions } from './decisions.tsx';
import { EmptyFleet } from './empty-fleet.tsx';
import { HostMap } from './host-map.tsx';
import { InTrouble } from './in-trouble.tsx';
import { Moving } from './moving.tsx';
import { OverviewSkeleton } from './overview-skeleton.tsx';
import { SignalsList } from './signals-list.tsx';
import { overviewSentence, overviewTitle } from './words.ts';

/** The first page: what is in trouble, what is moving, where it is slow, what was decided, how the fleet does. */
export function Overview() {
  const { org } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.fleet.overview.queryOptions({ org }));
  return (
    <Page crumbs={[{ label: 'Overview' }]}>
      <QueryView query={query} what="The overview" head={<PageHead title="Overview" />} skeleton={<OverviewSkeleton />}>
        {(data) => (data.total === 0 ? <EmptyFleet /> : <FullOverview data={data} />)}
      </QueryView>
    </Page>
  );
}

function FullOverview({ data }: { data: OverviewData }) {
  const { at } = useOrg();
  const by = (axis: string) => (value: string) => withQuery(at.devices(), { [axis]: value });
  return (
    <>
      <PageHead title={overviewTitle(data)} sentence={overviewSentence(data)} />
      <Axes>
        <Axis title="Connectivity">
          <StatusBar axis="connectivity" counts={data.counts.connectivity} hrefFor={by('connectivity')} />
        </Axis>
        <Axis title="Health">
          <StatusBar axis="health" counts={data.counts.health} hrefFor={by('health')} />
        </Axis>
        <Axis title="Update">
          <StatusBar axis="update" counts={data.counts.update} hrefFor={by('update')} />
        </Axis>
      </Axes>
      <Columns
        width="wide"
        aside={
          <>
            <SectionHead
              title="Moving"
              sentence={data.moving.length > 0 ? plural(data.moving.length, 'rollout') : undefined}
              end={
                <Button component={Link} href={at.newRollout()} leftSection={<Icon name="plus" size={14} />}>
                  New rollout
                </Button>
              }
            />
            <Moving rollouts={data.moving} />
          </>
        }
      >
        <SectionHead title="In trouble" sentence="worst first, one line per cause" />
        <InTrouble trouble={data.trouble} />
      </Columns>
      <Section title="Where it is slower than usual" sentence={mapSentence(data.map)}>
        <HostMap map={data.map} total={data.total} />
      </Section>
      <Columns
        width="wide"
        aside={
          <>
            <SectionHead title="Signals" sentence="last hour, change on the hour before" />
            <SignalsList signals={data.signals} />
          </>
        }
      >
        <SectionHead
          title="Latest decisions"
          sentence="who, what, and on which numbers"
          end={
            <Button component={Link} href={at.rollouts()} variant="link">
              All rollouts
            </Button>
          }
        />
        <Decisions decisions={data.decisions} />
      </Columns>
    </>
  );
}
