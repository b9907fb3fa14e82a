'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import type { AgentUpgradeView } from '@/server/queries/agent-upgrades.ts';
import { useForbidden } from '../../console/access.tsx';
import type { GlyphName } from '../../status/glyph.tsx';
import { ToneWord } from '../../status/status.tsx';
import type { Tone } from '../../status/types.ts';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { loadError } from '../../table/from-query.ts';
import { useTRPC } from '../../trpc/client.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { plural } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Age } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from '../settings-table.module.css';

const columns: Column<AgentUpgradeView>[] = [
  { id: 'version', title: 'To', isTitle: true, render: ({ version }) => version },
  { id: 'devices', title: 'Devices', render: (row) => <Which row={row} /> },
  { id: 'state', title: 'State', render: (row) => <State row={row} /> },
  { id: 'progress', title: 'How far', render: (row) => <Progress row={row} /> },
  { id: 'started', title: 'Started', render: (row) => <Started row={row} /> },
  {
    id: 'actions',
    title: <span className={classes.said}>Actions</span>,
    align: 'right',
    render: (row) => <Stop row={row} />,
  },
];

/** Upgrades of agents, newest first: how far each is, and why it stopped if it did. */
export function UpgradeList() {
  const { org } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.agents.upgrades.queryOptions({ org }));
  return (
    <Section title="Upgrades">
      <DataTable
        noun="upgrades"
        columns={columns}
        rows={query.data}
        rowId={({ id }) => id}
        renderCompact={(row) => (
          <CompactRow title={row.version} end={<State row={row} />}>
            <Which row={row} />
            <Progress row={row} />
            <Started row={row} />
            <Stop row={row} />
          </CompactRow>
        )}
        state={{
          empty: <EmptyState title="No upgrades yet">Upgrade all agents here, or one on its device’s page.</EmptyState>,
          error: loadError(query, 'The upgrades'),
        }}
      />
    </Section>
  );
}

const STATES: Record<AgentUpgradeView['state'], { glyph: GlyphName; tone: Tone; word: string }> = {
  running: { glyph: 'pie', tone: 'progress', word: 'under way' },
  done: { glyph: 'check', tone: 'ok', word: 'done' },
  stopped: { glyph: 'square-x', tone: 'critical', word: 'stopped' },
};

function State({ row: { state, stoppedBy } }: { row: AgentUpgradeView }) {
  const { glyph, tone, word } = STATES[state];
  const isByPerson = stoppedBy === 'person';
  return (
    <ToneWord glyph={isByPerson ? 'struck-ring' : glyph} tone={isByPerson ? 'quiet' : tone}>
      {isByPerson ? 'stopped by a person' : word}
    </ToneWord>
  );
}

function Which({ row: { selector, counts } }: { row: AgentUpgradeView }) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const which = selector === null ? 'chosen' : selector === '' ? 'of all' : selector;
  return (
    <span>
      {plural(total, 'device')} <span className={classes.dim}>{which}</span>
    </span>
  );
}

function Progress({ row: { counts, failed } }: { row: AgentUpgradeView }) {
  const { at } = useOrg();
  const { confirmed = 0, told = 0, waiting = 0, withdrawn = 0, superseded = 0 } = counts;
  const parts = [
    (confirmed > 0 || failed.length === 0) && `${confirmed} confirmed`,
    told > 0 && `${told} under way`,
    waiting > 0 && `${waiting} waiting`,
    withdrawn > 0 && `${withdrawn} not begun or taken back`,
    superseded > 0 && `${superseded} left to another`,
  ];
  return (
    <span className={classes.wrap}>
      {parts.filter(Boolean).join(', ')}
      {failed.map(({ deviceId, name, sentence, detail }) => (
        <span key={deviceId} className={classes.line}>
          <Link href={at.device(deviceId)}>{name}</Link>: {sentence} <span className={classes.dim}>{detail}</span>
        </span>
      ))}
    </span>
  );
}

function Started({ row: { createdAt } }: { row: AgentUpgradeView }) {
  return (
    <span className={classes.dim}>
      <Age at={createdAt} after=" ago" />
    </span>
  );
}

function Stop({ row: { id, state, version, counts } }: { row: AgentUpgradeView }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('devices:write');
  const stop = useMutation(
    trpc.agents.stop.mutationOptions({ onSuccess: () => client.invalidateQueries(trpc.agents.pathFilter()) }),
  );
  if (state !== 'running') return null;
  return (
    <ConfirmButton
      label="Stop…"
      consequence={`Devices that confirmed ${version} keep it; the ${plural((counts.told ?? 0) + (counts.waiting ?? 0), 'other')} stay with what they run.`}
      confirmLabel="Stop this upgrade"
      forbidden={forbidden}
      onConfirm={() => stop.mutateAsync({ org, upgradeId: id })}
    />
  );
}
