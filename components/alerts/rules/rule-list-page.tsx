'use client';

import { Button, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { defaultRules } from '@/server/domain/alerts/defaults.ts';
import { conditionText } from '@/server/domain/alerts/words.ts';
import type { RuleRow } from '@/server/queries/alerts.ts';
import { useForbidden } from '../../console/access.tsx';
import { withQuery } from '../../routes.ts';
import { Page } from '../../shell/page.tsx';
import { Status } from '../../status/status.tsx';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { AlertNav } from '../alert-nav.tsx';
import classes from './rule-list-page.module.css';

const columns: Column<RuleRow>[] = [
  { id: 'name', title: 'Rule', isTitle: true, render: ({ name }) => name },
  { id: 'severity', title: 'Severity', render: ({ severity }) => <Status axis="severity" value={severity} /> },
  {
    id: 'condition',
    title: 'Looks for',
    render: ({ condition }) => <span className={classes.dim}>{conditionText(condition)}</span>,
  },
  { id: 'open', title: 'Fires', align: 'right', render: (rule) => <Open rule={rule} /> },
  { id: 'on', title: 'On', align: 'right', render: (rule) => <OnOff rule={rule} /> },
];

/** Every rule: what it looks for, whether it looks, what it says now. */
export function RuleListPage() {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('alerts:write');
  const query = useQuery(trpc.alerts.rules.queryOptions({ org }));
  const restore = useMutation(
    trpc.alerts.restoreDefaults.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.alerts.pathKey() }),
    }),
  );
  const present = new Set(query.data?.map(({ defaultKey }) => defaultKey));
  const missing = query.data ? defaultRules.filter(({ key }) => !present.has(key)).length : 0;
  const on = query.data?.filter(({ isEnabled }) => isEnabled).length;
  return (
    <Page crumbs={[{ label: 'Alerts', href: at.alerts() }, { label: 'Rules' }]}>
      <PageHead
        title={
          on === undefined
            ? 'Rules'
            : on === 0
              ? 'No rule looks at the fleet'
              : `${plural(on, 'rule')} ${on === 1 ? 'looks' : 'look'} at the fleet`
        }
        sentence="What is bad, for how long it must be, and who is told."
        actions={
          <>
            {missing > 0 && (
              <ForbiddenTooltip reason={forbidden}>
                {(isDisabled) => (
                  <Button disabled={isDisabled} loading={restore.isPending} onClick={() => restore.mutate({ org })}>
                    Restore {plural(missing, 'first rule')}
                  </Button>
                )}
              </ForbiddenTooltip>
            )}
            <Button component={Link} href={at.newAlertRule()} variant="filled" leftSection={<Icon name="plus" />}>
              New rule
            </Button>
          </>
        }
      />
      <AlertNav />
      <QueryView query={query} what="The rules" skeleton={<SkeletonRows rows={7} columns={5} />}>
        {(rules) => (
          <DataTable
            noun="rules"
            columns={columns}
            rows={rules}
            rowId={({ id }) => id}
            rowName={({ name }) => name}
            hrefFor={({ id }) => at.alertRule(id)}
            renderCompact={(rule) => (
              <CompactRow title={rule.name} end={<OnOff rule={rule} />}>
                <Status axis="severity" value={rule.severity} />
                <span>{conditionText(rule.condition)}</span>
                <Open rule={rule} />
              </CompactRow>
            )}
            state={{
              empty: (
                <EmptyState title="No rules">
                  Restore the first rules, or make one of your own: without rules nothing fires.
                </EmptyState>
              ),
            }}
          />
        )}
      </QueryView>
    </Page>
  );
}

function Open({ rule: { failure, isEnabled, openAlerts } }: { rule: RuleRow }) {
  const { at } = useOrg();
  if (failure !== null)
    return (
      <span className={classes.bad} title={failure}>
        could not look
      </span>
    );
  if (!isEnabled) return <span className={classes.dim}>off</span>;
  if (openAlerts === 0) return <span className={classes.dim}>no</span>;
  return (
    <Link href={withQuery(at.alerts(), { state: ['firing', 'acknowledged'] })}>
      <b>{plural(openAlerts, 'alert')}</b>
    </Link>
  );
}

function OnOff({ rule }: { rule: RuleRow }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('alerts:write');
  const save = useMutation(
    trpc.alerts.saveRule.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.alerts.pathKey() }),
    }),
  );
  const wanted = save.isPending ? save.variables.rule.isEnabled : rule.isEnabled;
  return (
    <ForbiddenTooltip reason={forbidden}>
      {(isDisabled) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: keeps the click from opening the row; the switch itself is the control
        // biome-ignore lint/a11y/useKeyWithClickEvents: as above
        <span className={classes.switch} onClick={(event) => event.stopPropagation()}>
          <Switch
            size="xs"
            aria-label={`${rule.name} is on`}
            checked={wanted ?? true}
            disabled={isDisabled}
            onChange={(event) =>
              save.mutate({ org, ruleId: rule.id, rule: { ...rule, isEnabled: event.currentTarget.checked } })
            }
          />
        </span>
      )}
    </ForbiddenTooltip>
  );
}
