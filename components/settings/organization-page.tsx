'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { PageHead } from '../ui/page-head.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Clock } from '../ui/time.tsx';
import { useOrg } from '../ui/use-org.ts';
import { NameForm } from './name-form.tsx';
import { ProductionForm } from './production-form.tsx';
import { RetentionForm } from './retention-form.tsx';
import { SettingsShell } from './settings-shell.tsx';

/** What holds for the whole organization: its name, which devices are production, how long telemetry is kept. */
export function OrganizationPage() {
  const { org } = useOrg();
  const trpc = useTRPC();
  const organization = useQuery(trpc.settings.organization.queryOptions({ org }));
  const policy = useQuery(trpc.rollouts.policy.queryOptions({ org }));
  return (
    <SettingsShell>
      <QueryView
        query={organization}
        what="The organization"
        head={<PageHead title="Organization" />}
        skeleton={<SkeletonRows rows={6} columns={2} />}
      >
        {({ name, createdAt, retention }) => (
          <>
            <PageHead
              title={name}
              sentence={
                <>
                  {`Its address is /${org}, since `}
                  <Clock at={createdAt} style="date" />.
                </>
              }
            />
            <NameForm name={name} />
            <QueryView query={policy} what="The rollout policy" skeleton={<SkeletonRows rows={2} columns={1} />}>
              {({ productionSelector }) => <ProductionForm selector={productionSelector} />}
            </QueryView>
            <RetentionForm retention={retention} />
          </>
        )}
      </QueryView>
    </SettingsShell>
  );
}
