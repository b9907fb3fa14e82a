'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { parseAsString, useQueryState } from 'nuqs';
import { useState } from 'react';
import type { StoredChannel } from '@/server/db/alerts-channels.ts';
import { Page } from '../../shell/page.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { SecretReveal } from '../../ui/secret-reveal.tsx';
import { Section } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { AlertNav } from '../alert-nav.tsx';
import { ChannelForm } from './channel-form.tsx';
import { ChannelTable } from './channel-table.tsx';
import { DeliveryTable } from './delivery-table.tsx';

const NEW = 'new';

/** Who is told of alerts: e-mail, signed webhooks, chats; and what became of each message. */
export function ChannelsPage() {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const channels = useQuery(trpc.alerts.channels.queryOptions({ org }));
  const deliveries = useQuery(trpc.alerts.deliveries.queryOptions({ org }));
  const [edited, setEdited] = useQueryState('edit', parseAsString);
  const [secret, setSecret] = useState<string | null>(null);
  const isFirst = channels.data?.length === 0;
  const shown: StoredChannel | null | undefined =
    edited === NEW || (isFirst && secret === null) ? null : channels.data?.find(({ id }) => id === edited);
  const names = new Map(channels.data?.map(({ id, name }) => [id, name]));
  const on = channels.data?.filter(({ isEnabled }) => isEnabled).length;
  return (
    <Page crumbs={[{ label: 'Alerts', href: at.alerts() }, { label: 'Channels' }]}>
      <PageHead
        title={
          on === undefined
            ? 'Channels'
            : on === 0
              ? 'Nobody is told of alerts yet'
              : `Alerts are told by ${plural(on, 'channel')}`
        }
        sentence="The console shows every alert. A channel tells people and programs that do not look at it."
        actions={
          shown === undefined && secret === null ? (
            <Button variant="filled" leftSection={<Icon name="plus" />} onClick={() => void setEdited(NEW)}>
              New channel
            </Button>
          ) : undefined
        }
      />
      <AlertNav />
      <QueryView query={channels} what="The channels" skeleton={<SkeletonRows rows={4} columns={5} />}>
        {(all) => (
          <>
            {secret !== null && (
              <Section title="The webhook’s secret" sentence="check every call with it">
                <SecretReveal label="signing secret" keeps="sealed" secret={secret} onDone={() => setSecret(null)}>
                  Each call carries <code>webhook-id</code>, <code>webhook-timestamp</code> and{' '}
                  <code>webhook-signature</code>, as Standard Webhooks has it: HMAC-SHA256 over{' '}
                  <code>id.timestamp.body</code>.
                </SecretReveal>
              </Section>
            )}
            {shown !== undefined && (
              <ChannelForm
                key={shown?.id ?? NEW}
                channel={shown}
                onSaved={(made) => {
                  setSecret(made);
                  void setEdited(null);
                }}
                onClose={isFirst ? undefined : () => void setEdited(null)}
              />
            )}
            {all.length > 0 && <ChannelTable channels={all} onEdit={(id) => void setEdited(id)} />}
          </>
        )}
      </QueryView>
      <QueryView query={deliveries} what="The messages" skeleton={<SkeletonRows rows={4} columns={5} />}>
        {({ items }) => (
          <Section title="Messages" sentence="the newest 50; kept for 30 days">
            <DeliveryTable
              deliveries={items.map((each) => ({ ...each, channel: names.get(each.channelId) ?? '' }))}
              empty="No message was sent yet. Send a test by a channel, to see it arrive."
              hasAlertLinks
            />
          </Section>
        )}
      </QueryView>
    </Page>
  );
}
