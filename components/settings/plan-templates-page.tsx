'use client';

import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import type { PlanTemplate } from '@/server/db/plan-templates.ts';
import { useForbidden } from '../console/access.tsx';
import { planDraftOf } from '../rollouts/draft/plan-draft.ts';
import { gatesSentence, wavesSentence } from '../rollouts/draft/sentences.ts';
import { withQuery } from '../routes.ts';
import type { Column } from '../table/columns.tsx';
import { CompactRow } from '../table/compact-list.tsx';
import { DataTable } from '../table/data-table.tsx';
import { loadError } from '../table/from-query.ts';
import { useTRPC } from '../trpc/client.ts';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { EmptyState } from '../ui/states.tsx';
import { Age } from '../ui/time.tsx';
import { useOrg } from '../ui/use-org.ts';
import { SettingsShell } from './settings-shell.tsx';
import classes from './settings-table.module.css';

const columns: Column<PlanTemplate>[] = [
  { id: 'name', title: 'Template', isTitle: true, render: ({ name }) => name },
  { id: 'devices', title: 'Devices', render: ({ plan }) => <Devices selector={plan.selector} /> },
  {
    id: 'plan',
    title: 'Plan',
    render: ({ plan }) => <span className={classes.wrap}>{wavesSentence(planDraftOf(plan))}</span>,
  },
  { id: 'updated', title: 'Saved', render: ({ updatedAt }) => <Saved at={updatedAt} /> },
  {
    id: 'actions',
    title: <span className={classes.said}>Actions</span>,
    align: 'right',
    render: (template) => <Actions template={template} />,
  },
];

/** The plans kept under a name: what each says, a rollout from it, and an end to it. */
export function PlanTemplatesPage() {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.rollouts.templates.queryOptions({ org }));
  return (
    <SettingsShell>
      <PageHead
        title="Plan templates"
        sentence="Plans that can be chosen for any rollout. They are saved where a rollout is planned."
      />
      <DataTable
        noun="plan templates"
        columns={columns}
        rows={query.data}
        rowId={({ id }) => id}
        renderCompact={(template) => (
          <CompactRow title={template.name} end={<Saved at={template.updatedAt} />}>
            <span className={classes.wrap}>{wavesSentence(planDraftOf(template.plan))}</span>
            <span className={classes.wrap}>{gatesSentence(planDraftOf(template.plan))}</span>
            <Actions template={template} />
          </CompactRow>
        )}
        state={{
          empty: (
            <EmptyState
              title="No plan templates yet"
              action={
                <Button component={Link} href={at.newRollout()}>
                  Plan a rollout
                </Button>
              }
            >
              Plan a rollout as you want it, and choose “Save as template”. Next time it is one click.
            </EmptyState>
          ),
          error: loadError(query, 'The templates'),
        }}
      />
    </SettingsShell>
  );
}

function Devices({ selector }: { selector: string }) {
  return selector === '' ? <span className={classes.dim}>chosen each time</span> : <code>{selector}</code>;
}

function Saved({ at }: { at: Date }) {
  return (
    <span className={classes.dim}>
      <Age at={at} after=" ago" />
    </span>
  );
}

function Actions({ template: { id, name } }: { template: PlanTemplate }) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('rollouts:write');
  const remove = useMutation(
    trpc.rollouts.deleteTemplate.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.rollouts.templates.queryKey({ org }) }),
    }),
  );
  return (
    <span className={classes.actions}>
      <Button
        component={Link}
        href={withQuery(at.newRollout(), { template: id })}
        aria-label={`Use ${name} for a rollout`}
      >
        Use
      </Button>
      <ConfirmButton
        variant="danger"
        label="Delete…"
        consequence={`“${name}” cannot be chosen any more. Rollouts made from it stay as they are.`}
        confirmLabel="Delete the template"
        forbidden={forbidden}
        onConfirm={() => remove.mutateAsync({ org, id })}
      />
    </span>
  );
}
