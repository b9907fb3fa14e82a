'use client';

import type { AlertRow } from '@/server/queries/alerts.ts';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { formatCount, formatDuration } from '../../ui/format.ts';
import { Age } from '../../ui/time.tsx';
import { AlertStatus } from '../alert-status.tsx';
import { sentenceOf, titleOf } from '../alert-words.ts';
import classes from './alert-columns.module.css';

export const alertColumns: Column<AlertRow>[] = [
  { id: 'alert', title: 'Alert', isTitle: true, render: (alert) => <Title alert={alert} /> },
  {
    id: 'state',
    title: 'State',
    render: (alert) => <AlertStatus {...alert} since={sinceOf(alert)} />,
  },
  {
    id: 'measured',
    title: 'Measured',
    isCut: true,
    width: 360,
    render: (alert) => <span className={classes.dim}>{sentenceOf(alert)}</span>,
  },
  { id: 'members', title: 'On', align: 'right', render: (alert) => <Members alert={alert} /> },
  {
    id: 'since',
    title: 'Fired',
    render: ({ firedAt }) => (
      <span className={classes.dim}>
        <Age at={firedAt} after=" ago" />
      </span>
    ),
  },
];

/** An alert as two lines, for phones. */
export function CompactAlert({ alert }: { alert: AlertRow }) {
  return (
    <CompactRow title={<Title alert={alert} />} end={<AlertStatus {...alert} since={sinceOf(alert)} />}>
      <span className={classes.dim}>{sentenceOf(alert)}</span>
    </CompactRow>
  );
}

function sinceOf({ resolvedAt, acknowledgedAt, firedAt }: AlertRow): Date {
  return resolvedAt ?? acknowledgedAt ?? firedAt;
}

function Title({ alert }: { alert: AlertRow }) {
  return (
    <span className={classes.title}>
      {titleOf(alert)}
      {alert.mute !== null && <span className={classes.mute}>muted: {alert.mute}</span>}
    </span>
  );
}

function Members({ alert: { state, members, peakMembers, firedAt, resolvedAt } }: { alert: AlertRow }) {
  if (state === 'resolved' && resolvedAt)
    return <span className={classes.dim}>for {formatDuration(resolvedAt.getTime() - firedAt.getTime())}</span>;
  return (
    <span>
      <b>{formatCount(members)}</b>
      {peakMembers > members && <span className={classes.dim}> of {formatCount(peakMembers)}</span>}
    </span>
  );
}
