'use client';

import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { StoredChannel } from '@/server/db/alerts-channels.ts';
import { useForbidden } from '../../console/access.tsx';
import { statusEntry } from '../../status/registry.ts';
import { ToneWord } from '../../status/status.tsx';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { Section } from '../../ui/section.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './channel-table.module.css';

type ChannelTableProps = { channels: readonly StoredChannel[]; onEdit: (id: string) => void };

const KINDS = { email: 'E-mail', webhook: 'Webhook', slack: 'Chat' } as const;

/** Every channel: where it leads, how loud an alert must be for it, a test. */
export function ChannelTable({ channels, onEdit }: ChannelTableProps) {
  const columns: Column<StoredChannel>[] = [
    { id: 'name', title: 'Channel', isTitle: true, render: ({ name }) => name },
    { id: 'kind', title: 'By', render: ({ settings }) => KINDS[settings.kind] },
    { id: 'to', title: 'To', render: (channel) => <span className={classes.dim}>{targetOf(channel)}</span> },
    { id: 'from', title: 'Alerts', render: (channel) => <Loudness channel={channel} /> },
    {
      id: 'actions',
      title: <span className={classes.said}>Actions</span>,
      align: 'right',
      render: (channel) => <Actions channel={channel} onEdit={onEdit} />,
    },
  ];
  return (
    <Section title="Channels">
      <DataTable
        noun="channels"
        columns={columns}
        rows={channels}
        rowId={({ id }) => id}
        rowName={({ name }) => name}
        renderCompact={(channel) => (
          <CompactRow title={channel.name} end={KINDS[channel.settings.kind]}>
            <span className={classes.dim}>{targetOf(channel)}</span>
            <Loudness channel={channel} />
            <Actions channel={channel} onEdit={onEdit} />
          </CompactRow>
        )}
        state={{ empty: null }}
      />
    </Section>
  );
}

function targetOf({ settings }: StoredChannel): string {
  switch (settings.kind) {
    case 'email':
      return settings.to.join(', ');
    case 'webhook':
      return settings.url;
    case 'slack':
      return settings.host;
  }
}

function Loudness({ channel: { isEnabled, minSeverity } }: { channel: StoredChannel }) {
  if (!isEnabled)
    return (
      <ToneWord glyph="struck-ring" tone="unknown">
        Off
      </ToneWord>
    );
  const word = statusEntry('severity', minSeverity).word.toLowerCase();
  return (
    <span className={classes.dim}>
      {minSeverity === 'notice' ? 'all alerts' : minSeverity === 'critical' ? 'critical only' : `${word} and above`}
    </span>
  );
}

function Actions({ channel: { id, name }, onEdit }: { channel: StoredChannel; onEdit: (id: string) => void }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('alerts:write');
  const onSuccess = () => client.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
  const test = useMutation(trpc.alerts.testChannel.mutationOptions({ onSuccess }));
  const remove = useMutation(trpc.alerts.removeChannel.mutationOptions({ onSuccess }));
  return (
    <span className={classes.actions}>
      <ForbiddenTooltip reason={forbidden}>
        {(isDisabled) => (
          <>
            <Button
              variant="quiet"
              disabled={isDisabled}
              loading={test.isPending}
              onClick={() => test.mutate({ org, channelId: id })}
            >
              Send a test
            </Button>
            <Button variant="quiet" disabled={isDisabled} onClick={() => onEdit(id)}>
              Edit
            </Button>
          </>
        )}
      </ForbiddenTooltip>
      <ConfirmButton
        variant="danger"
        label="Remove…"
        consequence={`Nobody is told by ${name} any more, and what waits to be sent by it is dropped.`}
        confirmLabel="Remove the channel"
        forbidden={forbidden}
        onConfirm={() => remove.mutateAsync({ org, channelId: id })}
      />
    </span>
  );
}
