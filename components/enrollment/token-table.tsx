'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { TokenView } from '@/server/services/enrollment/create-token.ts';
import { useForbidden } from '../console/access.tsx';
import { Status } from '../status/status.tsx';
import type { Column } from '../table/columns.tsx';
import { CompactRow } from '../table/compact-list.tsx';
import { DataTable } from '../table/data-table.tsx';
import { useTRPC } from '../trpc/client.ts';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { Labels } from '../ui/facts.tsx';
import { formatCount, plural } from '../ui/format.ts';
import { Section } from '../ui/section.tsx';
import { Age, Clock } from '../ui/time.tsx';
import { useOrg } from '../ui/use-org.ts';
import classes from './token-table.module.css';

const columns: Column<TokenView>[] = [
  { id: 'name', title: 'Token', isTitle: true, render: ({ name }) => name },
  { id: 'state', title: 'State', render: ({ state }) => <Status axis="token" value={state} /> },
  { id: 'uses', title: 'Joined', align: 'right', render: (token) => <Uses token={token} /> },
  { id: 'labels', title: 'Labels', render: (token) => <TokenLabels token={token} /> },
  { id: 'expires', title: 'Expires', render: (token) => <Expiry token={token} /> },
  {
    id: 'created',
    title: 'Made',
    render: ({ createdAt }) => (
      <span className={classes.dim}>
        <Age at={createdAt} after=" ago" />
      </span>
    ),
  },
  {
    id: 'revoke',
    title: <span className={classes.said}>Action</span>,
    align: 'right',
    render: (token) => <Revoke token={token} />,
  },
];

/** Every token, newest first: whether it still lets devices in, and how many came. */
export function TokenTable({ tokens }: { tokens: readonly TokenView[] }) {
  return (
    <Section title="Tokens" sentence="newest first">
      <DataTable
        noun="tokens"
        columns={columns}
        rows={tokens}
        rowId={({ id }) => id}
        renderCompact={(token) => <CompactToken token={token} />}
        state={{ empty: null }}
      />
    </Section>
  );
}

function CompactToken({ token }: { token: TokenView }) {
  return (
    <CompactRow title={token.name} end={<Status axis="token" value={token.state} />}>
      <Uses token={token} />
      <Expiry token={token} />
      <TokenLabels token={token} />
      <Revoke token={token} />
    </CompactRow>
  );
}

function Uses({ token: { uses, maxUses } }: { token: TokenView }) {
  return (
    <span>
      <b>{formatCount(uses)}</b> <span className={classes.dim}>of {formatCount(maxUses)}</span>
    </span>
  );
}

function TokenLabels({ token: { labels } }: { token: TokenView }) {
  return Object.keys(labels).length === 0 ? <span className={classes.dim}>none</span> : <Labels labels={labels} />;
}

function Expiry({ token: { expiresAt } }: { token: TokenView }) {
  return (
    <span className={classes.dim}>
      <Clock at={expiresAt} style="datetime" />
    </span>
  );
}

function Revoke({ token: { id, name, state, uses, maxUses } }: { token: TokenView }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('enrollment:write');
  const revoke = useMutation(
    trpc.enrollment.revokeToken.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.enrollment.pathKey() }),
    }),
  );
  if (state !== 'active') return null;
  return (
    <ConfirmButton
      variant="danger"
      label="Revoke…"
      consequence={`No further device joins with ${name}; ${plural(maxUses - uses, 'place')} on it ${maxUses - uses === 1 ? 'is' : 'are'} lost. ${uses === 0 ? 'None has joined with it.' : `The ${plural(uses, 'device')} that joined ${uses === 1 ? 'stays' : 'stay'}.`}`}
      confirmLabel="Revoke the token"
      forbidden={forbidden}
      onConfirm={() => revoke.mutateAsync({ org, tokenId: id })}
    />
  );
}
