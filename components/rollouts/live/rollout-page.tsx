'use client';

import { useQuery } from '@tanstack/react-query';
import { ChartSyncProvider } from '../../charts/sync.tsx';
import { Page } from '../../shell/page.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Columns } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { Decisions } from './decisions.tsx';
import { DevicesSection } from './devices-section.tsx';
import { GatesSection } from './gates-section.tsx';
import { NextList } from './next-list.tsx';
import { PlanFacts } from './plan-facts.tsx';
import { RolloutHead } from './rollout-head.tsx';
import { WaveStrip } from './wave-strip.tsx';

/** One rollout, live: waves, gates with their numbers, what happens next, decisions, every device with its reason, the plan. */
export function RolloutPageView({ id }: { id: string }) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.rollouts.page.queryOptions({ org, id }));
  return (
    <Page crumbs={[{ label: 'Rollouts', href: at.rollouts() }, { label: query.data?.rollout.name ?? 'Rollout' }]}>
      <QueryView query={query} what="The rollout" head={<PageHead title="Rollout" />} skeleton={<Skeleton />}>
        {(page) => (
          <ChartSyncProvider>
            <RolloutHead page={page} />
            <WaveStrip page={page} />
            <Columns
              aside={
                <>
                  <NextList page={page} />
                  <Decisions page={page} />
                </>
              }
            >
              <GatesSection page={page} />
            </Columns>
            <Columns aside={<PlanFacts page={page} />}>
              <DevicesSection page={page} />
            </Columns>
          </ChartSyncProvider>
        )}
      </QueryView>
    </Page>
  );
}

function Skeleton() {
  return (
    <>
      <SkeletonRows rows={4} columns={4} height={40} />
      <SkeletonRows rows={6} columns={5} height={44} />
    </>
  );
}
