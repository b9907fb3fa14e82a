'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { conditionText } from '@/server/domain/alerts/words.ts';
import type { AlertPage } from '@/server/queries/alerts.ts';
import { Page } from '../../shell/page.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { Facts } from '../../ui/facts.tsx';
import { formatCount, formatDuration } from '../../ui/format.ts';
import { FactLine, PageHead } from '../../ui/page-head.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Columns, Section } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { AlertStatus } from '../alert-status.tsx';
import { sentenceOf, titleOf } from '../alert-words.ts';
import { DeliveryTable } from '../channels/delivery-table.tsx';
import { AlertActions } from './alert-actions.tsx';
import { EvidenceChart } from './evidence-chart.tsx';
import { MemberTable } from './member-table.tsx';
import { Timeline } from './timeline.tsx';

/** One alert: what was measured, on whom, what happened since, and who was told. */
export function AlertPageView({ id }: { id: string }) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.alerts.page.queryOptions({ org, alertId: id }));
  const title = query.data ? titleOf(query.data.alert) : 'Alert';
  return (
    <Page crumbs={[{ label: 'Alerts', href: at.alerts() }, { label: title }]}>
      <QueryView
        query={query}
        what="The alert"
        head={<PageHead title="Alert" />}
        skeleton={<SkeletonRows rows={8} columns={4} />}
      >
        {(page) => (
          <>
            <Head page={page} />
            <Columns
              aside={
                <>
                  <Timeline events={page.events} />
                  <RuleFacts page={page} />
                </>
              }
            >
              <EvidenceChart page={page} />
              <MemberTable page={page} />
            </Columns>
            <Section title="Messages" sentence="who was told">
              <DeliveryTable deliveries={page.deliveries} empty={emptyWords(page)} />
            </Section>
          </>
        )}
      </QueryView>
    </Page>
  );
}

function Head({ page }: { page: AlertPage }) {
  const { alert } = page;
  const { firedAt, resolvedAt } = alert;
  return (
    <PageHead
      title={titleOf(alert)}
      sentence={
        <FactLine
          facts={[
            {
              id: 'state',
              content: <AlertStatus {...alert} since={resolvedAt ?? alert.acknowledgedAt ?? firedAt} />,
            },
            { id: 'measured', content: sentenceOf(alert) },
            {
              id: 'since',
              content: (
                <>
                  fired <Clock at={firedAt} style="datetime" />
                </>
              ),
            },
            ...(resolvedAt
              ? [{ id: 'took', content: `lasted ${formatDuration(resolvedAt.getTime() - firedAt.getTime())}` }]
              : []),
            ...(alert.mute === null ? [] : [{ id: 'mute', content: `muted: ${alert.mute}` }]),
          ]}
        />
      }
      actions={alert.state === 'resolved' ? undefined : <AlertActions alert={alert} />}
    />
  );
}

function RuleFacts({ page: { alert, rule } }: { page: AlertPage }) {
  const { at } = useOrg();
  return (
    <Section title="Rule" isNested>
      <Facts
        facts={[
          {
            label: 'Name',
            value: rule ? <Link href={at.alertRule(rule.id)}>{rule.name}</Link> : `${alert.ruleName}, removed`,
          },
          { label: 'Looks for', value: conditionText(alert.condition) },
          { label: 'Most at once', value: formatCount(alert.peakMembers) },
        ]}
      />
    </Section>
  );
}

function emptyWords({ alert }: AlertPage): string {
  if (alert.mute !== null) return `Nobody is told while “${alert.mute}” holds.`;
  return 'Nobody was told: there was no channel for it. The console shows it all the same.';
}
