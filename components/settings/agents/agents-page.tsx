'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { parseAsBoolean, useQueryState } from 'nuqs';
import type { AgentVersionView } from '@/server/queries/agent-upgrades.ts';
import { useForbidden } from '../../console/access.tsx';
import { withQuery } from '../../routes.ts';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { loadError } from '../../table/from-query.ts';
import { useTRPC } from '../../trpc/client.ts';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { plural } from '../../ui/format.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Age } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { SettingsShell } from '../settings-shell.tsx';
import classes from '../settings-table.module.css';
import { UpgradeForm } from './upgrade-form.tsx';
import { UpgradeList } from './upgrade-list.tsx';

const columns: Column<AgentVersionView>[] = [
  { id: 'version', title: 'Version', isTitle: true, render: ({ version }) => version },
  { id: 'devices', title: 'Devices', render: (row) => <Devices row={row} /> },
  {
    id: 'platforms',
    title: 'Packages for',
    render: ({ platforms }) => <span className={classes.dim}>{platforms.join(', ') || 'none here'}</span>,
  },
  { id: 'offered', title: 'Brought by a server', render: (row) => <Offered row={row} /> },
];

/** Which agents the fleet runs, and the way to another version: a few devices first, stopped at the first that goes back. */
export function AgentsPage() {
  const { org } = useOrg();
  const trpc = useTRPC();
  const forbidden = useForbidden('devices:write');
  const query = useQuery(trpc.agents.versions.queryOptions({ org }));
  const [isAsked, setAsked] = useQueryState('new', parseAsBoolean.withDefault(false));
  const offered = (query.data ?? []).filter(({ offeredAt }) => offeredAt !== null).map(({ version }) => version);
  return (
    <SettingsShell>
      <PageHead
        title="Agents"
        sentence="An agent fetches its successor, tries it beside itself, and goes back by itself when it does not confirm."
        actions={
          !isAsked &&
          offered.length > 0 && (
            <ForbiddenTooltip reason={forbidden}>
              {(isDisabled) => (
                <Button variant="filled" disabled={isDisabled} onClick={() => void setAsked(true)}>
                  Upgrade agents
                </Button>
              )}
            </ForbiddenTooltip>
          )
        }
      />
      {isAsked && offered.length > 0 && <UpgradeForm versions={offered} onDone={() => void setAsked(null)} />}
      <DataTable
        noun="agent versions"
        columns={columns}
        rows={query.data}
        rowId={({ version }) => version}
        renderCompact={(row) => (
          <CompactRow title={row.version} end={<Devices row={row} />}>
            <span className={classes.dim}>{row.platforms.join(', ') || 'no package here'}</span>
            <Offered row={row} />
          </CompactRow>
        )}
        state={{
          empty: <EmptyState title="No agents yet">Enroll a device, and its agent is listed here.</EmptyState>,
          error: loadError(query, 'The versions'),
        }}
      />
      <UpgradeList />
    </SettingsShell>
  );
}

function Devices({ row: { version, devices } }: { row: AgentVersionView }) {
  const { at } = useOrg();
  if (devices === 0) return <span className={classes.dim}>on no device</span>;
  return (
    <Link href={withQuery(at.devices(), { label: `facts.agentVersion=${version}` })}>{plural(devices, 'device')}</Link>
  );
}

function Offered({ row: { offeredAt } }: { row: AgentVersionView }) {
  return <span className={classes.dim}>{offeredAt ? <Age at={offeredAt} after=" ago" /> : 'never'}</span>;
}
