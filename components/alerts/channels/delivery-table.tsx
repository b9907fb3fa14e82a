'use client';

import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import type { StoredDelivery } from '@/server/db/alerts-deliveries.ts';
import { useForbidden } from '../../console/access.tsx';
import { Status } from '../../status/status.tsx';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { plural } from '../../ui/format.ts';
import { Age, Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './delivery-table.module.css';

export type ShownDelivery = StoredDelivery & { channel: string };

const columnsOf = (hasAlertLinks: boolean): Column<ShownDelivery>[] => [
  { id: 'title', title: 'Message', isTitle: true, render: ({ title }) => title },
  { id: 'channel', title: 'Channel', render: ({ channel }) => channel },
  { id: 'state', title: 'State', render: ({ state }) => <Status axis="delivery" value={state} /> },
  { id: 'why', title: 'Tries', render: (delivery) => <Tries delivery={delivery} /> },
  {
    id: 'at',
    title: 'Written',
    render: ({ createdAt }) => (
      <span className={classes.dim}>
        <Age at={createdAt} after=" ago" />
      </span>
    ),
  },
  {
    id: 'again',
    title: <span className={classes.said}>Action</span>,
    align: 'right',
    render: (delivery) => <Again delivery={delivery} hasAlertLinks={hasAlertLinks} />,
  },
];

type DeliveryTableProps = { deliveries: readonly ShownDelivery[]; empty: string; hasAlertLinks?: boolean };

/** Messages, newest first: sent, waiting with the next try, given up with the reason. */
export function DeliveryTable({ deliveries, empty, hasAlertLinks = false }: DeliveryTableProps) {
  if (deliveries.length === 0) return <p className={classes.dim}>{empty}</p>;
  return (
    <DataTable
      noun="messages"
      columns={columnsOf(hasAlertLinks)}
      rows={deliveries}
      rowId={({ id }) => id}
      rowName={({ title }) => title}
      renderCompact={(delivery) => (
        <CompactRow title={delivery.title} end={<Status axis="delivery" value={delivery.state} />}>
          <span>{delivery.channel}</span>
          <Tries delivery={delivery} />
          <Again delivery={delivery} hasAlertLinks={hasAlertLinks} />
        </CompactRow>
      )}
      state={{ empty: null }}
    />
  );
}

function Tries({ delivery: { state, attempts, lastError, nextTryAt, finishedAt } }: { delivery: ShownDelivery }) {
  if (state === 'sent' && finishedAt)
    return (
      <span className={classes.dim}>
        <Clock at={finishedAt} style="time" />
        {attempts > 1 && `, after ${attempts} tries`}
      </span>
    );
  return (
    <span className={classes.dim}>
      {plural(attempts, 'try', 'tries')}
      {lastError !== null && `: ${lastError}`}
      {state === 'waiting' && attempts > 0 && (
        <>
          {' '}
          Next <Clock at={nextTryAt} style="time" />
        </>
      )}
    </span>
  );
}

function Again({
  delivery: { id, state, alertId },
  hasAlertLinks,
}: {
  delivery: ShownDelivery;
  hasAlertLinks: boolean;
}) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('alerts:write');
  const retry = useMutation(
    trpc.alerts.retryDelivery.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.alerts.pathKey() }),
    }),
  );
  if (state !== 'dead')
    return alertId === null || !hasAlertLinks ? null : <Link href={at.alert(alertId)}>The alert</Link>;
  return (
    <ForbiddenTooltip reason={forbidden}>
      {(isDisabled) => (
        <Button
          variant="link"
          disabled={isDisabled}
          loading={retry.isPending}
          onClick={() => retry.mutate({ org, deliveryId: id })}
        >
          Send again
        </Button>
      )}
    </ForbiddenTooltip>
  );
}
