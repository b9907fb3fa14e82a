'use client';

import { Button } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { severities } from '@/server/domain/alerts/rule.ts';
import { Page } from '../../shell/page.tsx';
import { statusEntry } from '../../status/registry.ts';
import { DataTable } from '../../table/data-table.tsx';
import { FilterField } from '../../table/filter-field.tsx';
import type { FilterKey } from '../../table/filter-text.ts';
import { loadError, morePages } from '../../table/from-query.ts';
import { useTableUrlState } from '../../table/use-table-url-state.ts';
import { useTRPC } from '../../trpc/client.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { AlertNav } from '../alert-nav.tsx';
import { listTitle } from '../alert-words.ts';
import { alertColumns, CompactAlert } from './alert-columns.tsx';

const STATES = ['firing', 'acknowledged', 'resolved'] as const;
const FILTERS = ['state', 'severity'] as const;
const NO_SORTS: string[] = [];
const NEWEST = { key: 'fired', isDescending: true };
const PAGE_SIZE = 50;

const KEYS: FilterKey[] = [
  { key: 'state', label: 'State', values: STATES.map((value) => ({ value, label: statusEntry('alert', value).word })) },
  {
    key: 'severity',
    label: 'Severity',
    values: severities.map((value) => ({ value, label: statusEntry('severity', value).word })),
  },
];

/** Every alert, newest first: what fires, what somebody is on, what is over. */
export function AlertListPage() {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const url = useTableUrlState({ filterKeys: FILTERS, sortKeys: NO_SORTS, defaultSort: NEWEST });
  const states = STATES.filter((each) => url.filters.state.includes(each));
  const chosen = severities.filter((each) => url.filters.severity.includes(each));
  const counts = useQuery(trpc.alerts.counts.queryOptions({ org }));
  const query = useInfiniteQuery(
    trpc.alerts.list.infiniteQueryOptions(
      {
        org,
        limit: PAGE_SIZE,
        ...(url.q && { q: url.q }),
        ...(states.length > 0 && { states }),
        ...(chosen.length > 0 && { severities: chosen }),
      },
      { getNextPageParam: ({ nextCursor }) => nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const rows = query.data?.pages.flatMap(({ items }) => items);
  return (
    <Page crumbs={[{ label: 'Alerts' }]}>
      <PageHead
        title={listTitle(counts.data)}
        sentence="One alert for each outage, however many devices it holds. Newest first."
        actions={
          <Button component={Link} href={at.alertMutes()}>
            Mute…
          </Button>
        }
      />
      <AlertNav />
      <FilterField state={url} keys={KEYS} placeholder="Type a rule or a device, or a filter such as state:firing" />
      <DataTable
        noun="alerts"
        columns={alertColumns}
        rows={rows}
        rowId={({ id }) => id}
        rowName={({ ruleName }) => ruleName}
        hrefFor={({ id }) => at.alert(id)}
        renderCompact={(alert) => <CompactAlert alert={alert} />}
        paging={morePages(query)}
        state={{
          empty: (
            <EmptyState
              title="No alert has fired yet"
              action={
                <Button component={Link} href={at.alertRules()}>
                  See the rules
                </Button>
              }
            >
              Rules watch the fleet: devices that fall silent, errors, latency, heat, disks, certificates, rollouts. Add
              a channel so that you need not watch this page.
            </EmptyState>
          ),
          isFiltered: url.isFiltered,
          onClear: url.clear,
          error: loadError(query, 'The alerts'),
        }}
      />
    </Page>
  );
}
