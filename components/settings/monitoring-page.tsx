'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { PageHead } from '../ui/page-head.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { useOrg } from '../ui/use-org.ts';
import { CapturesForm } from './captures-form.tsx';
import { LabelWebhookSection } from './label-webhook-section.tsx';
import { SamplingForm } from './sampling-form.tsx';
import { SettingsShell } from './settings-shell.tsx';

/** Which answers leave devices, who may ask for inputs, and how labels come back. */
export function MonitoringPage() {
  const { org } = useOrg();
  const trpc = useTRPC();
  const settings = useQuery(trpc.monitoring.settings.queryOptions({ org }));
  const captures = useQuery(trpc.commands.captures.queryOptions({ org }));
  const webhook = useQuery(trpc.monitoring.labelWebhook.queryOptions({ org }));
  return (
    <SettingsShell>
      <QueryView
        query={settings}
        what="The settings of monitoring"
        head={<PageHead title="Monitoring" />}
        skeleton={<SkeletonRows rows={6} columns={3} />}
      >
        {(stored) => (
          <>
            <PageHead title="Monitoring" sentence="What devices tell of their answers, and how labels find them." />
            <SamplingForm stored={stored} />
            <QueryView query={webhook} what="The webhook for labels" skeleton={<SkeletonRows rows={2} columns={1} />}>
              {(found) => <LabelWebhookSection webhook={found} />}
            </QueryView>
            <QueryView query={captures} what="The setting of captures" skeleton={<SkeletonRows rows={2} columns={1} />}>
              {(found) => <CapturesForm stored={found} />}
            </QueryView>
          </>
        )}
      </QueryView>
    </SettingsShell>
  );
}
