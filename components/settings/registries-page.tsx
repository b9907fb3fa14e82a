'use client';

import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { parseAsBoolean, useQueryState } from 'nuqs';
import type { CredentialRow } from '@/server/queries/registry-credentials.ts';
import { useForbidden } from '../console/access.tsx';
import type { Column } from '../table/columns.tsx';
import { CompactRow } from '../table/compact-list.tsx';
import { DataTable } from '../table/data-table.tsx';
import { loadError } from '../table/from-query.ts';
import { useTRPC } from '../trpc/client.ts';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { ForbiddenTooltip } from '../ui/forbidden-tooltip.tsx';
import { plural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { EmptyState } from '../ui/states.tsx';
import { Age } from '../ui/time.tsx';
import { useOrg } from '../ui/use-org.ts';
import { CredentialForm } from './credential-form.tsx';
import { SettingsShell } from './settings-shell.tsx';
import classes from './settings-table.module.css';

const columns: Column<CredentialRow>[] = [
  { id: 'registry', title: 'Registry', isTitle: true, render: ({ registry }) => registry },
  { id: 'user', title: 'User name', render: ({ username }) => username },
  { id: 'use', title: 'Images of it', render: (row) => <Uses row={row} /> },
  { id: 'used', title: 'Last used', render: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
  { id: 'made', title: 'Set', render: ({ createdAt }) => <When at={createdAt} /> },
  {
    id: 'actions',
    title: <span className={classes.said}>Actions</span>,
    align: 'right',
    render: (row) => <Remove row={row} />,
  },
];

/** The private registries of images that devices are let into; passwords go in here and never come out. */
export function RegistriesPage() {
  const { org } = useOrg();
  const trpc = useTRPC();
  const forbidden = useForbidden('settings:write');
  const query = useQuery(trpc.settings.credentials.queryOptions({ org }));
  const [isAsked, setAsked] = useQueryState('new', parseAsBoolean.withDefault(false));
  return (
    <SettingsShell>
      <PageHead
        title="Registries"
        sentence="Devices pull private images with short-lived tokens that are made from these; the password stays on the server."
        actions={
          !isAsked && (
            <ForbiddenTooltip reason={forbidden}>
              {(isDisabled) => (
                <Button
                  variant="filled"
                  leftSection={<Icon name="plus" />}
                  disabled={isDisabled}
                  onClick={() => void setAsked(true)}
                >
                  Add a registry
                </Button>
              )}
            </ForbiddenTooltip>
          )
        }
      />
      {isAsked && (
        <CredentialForm taken={(query.data ?? []).map(({ registry }) => registry)} onDone={() => void setAsked(null)} />
      )}
      <DataTable
        noun="registry accounts"
        columns={columns}
        rows={query.data}
        rowId={({ id }) => id}
        renderCompact={(row) => (
          <CompactRow title={row.registry} end={<span className={classes.dim}>{row.username}</span>}>
            <Uses row={row} />
            <span className={classes.dim}>
              used <When at={row.lastUsedAt} />
            </span>
            <Remove row={row} />
          </CompactRow>
        )}
        state={{
          empty: (
            <EmptyState title="No registries yet">
              Public images need none. Add one when releases run images of a registry that asks who you are.
            </EmptyState>
          ),
          error: loadError(query, 'The registries'),
        }}
      />
    </SettingsShell>
  );
}

function Uses({ row: { releases } }: { row: CredentialRow }) {
  return releases === 0 ? (
    <span className={classes.dim}>in no release</span>
  ) : (
    <span>{`in ${plural(releases, 'release')}`}</span>
  );
}

function When({ at }: { at: Date | null }) {
  return <span className={classes.dim}>{at ? <Age at={at} after=" ago" /> : 'never'}</span>;
}

function Remove({ row: { id, registry, releases } }: { row: CredentialRow }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('settings:write');
  const remove = useMutation(
    trpc.settings.removeCredential.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.settings.credentials.queryKey({ org }) }),
    }),
  );
  const use =
    releases === 0
      ? 'No release has an image of it.'
      : `${plural(releases, 'release')} ${releases === 1 ? 'has' : 'have'} images of it: devices that do not hold them yet cannot pull them any more.`;
  return (
    <ConfirmButton
      variant="danger"
      label="Delete…"
      consequence={`Devices get no token for ${registry} any more; one that a device holds ends by itself. ${use}`}
      confirmLabel={`Delete ${registry}`}
      {...(releases > 0 && { typed: registry })}
      forbidden={forbidden}
      onConfirm={() => remove.mutateAsync({ org, credentialId: id })}
    />
  );
}
