'use client';

import { Button, Tabs } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import type { RolloutState } from '@/server/domain/rollout/states.ts';
import { Page } from '../../shell/page.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { FilterField } from '../../table/filter-field.tsx';
import { loadError, morePages } from '../../table/from-query.ts';
import { useTableUrlState } from '../../table/use-table-url-state.ts';
import { useTRPC } from '../../trpc/client.ts';
import { Icon } from '../../ui/icon.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { listTitle } from './list-title.ts';
import { CompactRollout, rolloutColumns } from './rollout-columns.tsx';
import classes from './rollout-list-page.module.css';

const VIEWS = ['all', 'open', 'trouble', 'over'] as const;

const OPEN: RolloutState[] = [
  'draft',
  'pending-approval',
  'scheduled',
  'running',
  'paused',
  'aborting',
  'rolling-back',
];

const FILTERS: Record<(typeof VIEWS)[number], { states?: RolloutState[]; inTrouble?: boolean }> = {
  all: {},
  open: { states: OPEN },
  trouble: { inTrouble: true },
  over: { states: ['succeeded', 'rejected', 'aborted', 'rolled-back', 'rollback-incomplete'] },
};

const NO_KEYS: [] = [];
const SORTS = ['begun'];
const NEWEST = { key: 'begun', isDescending: true };

const PAGE_SIZE = 50;

/** More open rollouts than this are not counted for the title. */
const MAX_COUNTED = 200;

/** Every rollout: what moves, how far, who began it, and what of it needs a look. */
export function RolloutListPage() {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const [view, setView] = useQueryState('view', parseAsStringLiteral(VIEWS).withDefault('all'));
  const url = useTableUrlState({ filterKeys: NO_KEYS, sortKeys: SORTS, defaultSort: NEWEST });
  const query = useInfiniteQuery(
    trpc.rollouts.list.infiniteQueryOptions(
      {
        org,
        limit: PAGE_SIZE,
        order: url.sort.isDescending ? 'newest' : 'oldest',
        ...FILTERS[view],
        ...(url.q && { q: url.q }),
      },
      { getNextPageParam: ({ nextCursor }) => nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const open = useQuery(trpc.rollouts.list.queryOptions({ org, limit: MAX_COUNTED, states: OPEN }));
  const rows = query.data?.pages.flatMap(({ items }) => items);
  const newButton = (
    <Button component={Link} href={at.newRollout()} variant="filled" leftSection={<Icon name="plus" />}>
      New rollout
    </Button>
  );
  return (
    <Page crumbs={[{ label: 'Rollouts' }]}>
      <PageHead title={listTitle(open.data?.items)} actions={newButton} />
      <Tabs className={classes.tabs ?? ''} value={view} onChange={(next) => void setView(toView(next))}>
        <Tabs.List aria-label="Which rollouts">
          <Tabs.Tab value="all">All</Tabs.Tab>
          <Tabs.Tab value="open">Not over yet</Tabs.Tab>
          <Tabs.Tab value="trouble">In trouble</Tabs.Tab>
          <Tabs.Tab value="over">Over</Tabs.Tab>
        </Tabs.List>
      </Tabs>
      <FilterField state={url} keys={NO_KEYS} placeholder="Type a name, a model or a version" />
      <DataTable
        noun="rollouts"
        columns={rolloutColumns}
        rows={rows}
        rowId={({ id }) => id}
        hrefFor={({ id }) => at.rollout(id)}
        renderCompact={(rollout) => <CompactRollout rollout={rollout} />}
        sort={url.sort}
        onSort={url.setSort}
        paging={morePages(query)}
        state={{
          empty: (
            <EmptyState
              title="No rollouts yet"
              action={
                <Button component={Link} href={at.newRollout()}>
                  Plan the first rollout
                </Button>
              }
            >
              A rollout moves a version to devices wave by wave, and judges each wave before the next. Choose a version
              and devices; the rest has safe defaults.
            </EmptyState>
          ),
          isFiltered: view !== 'all' || url.isFiltered,
          onClear: () => {
            void setView(null);
            url.clear();
          },
          error: loadError(query, 'The rollouts'),
        }}
      />
    </Page>
  );
}

function toView(value: string | null): (typeof VIEWS)[number] | null {
  const known = VIEWS.find((view) => view === value);
  return known === 'all' ? null : (known ?? null);
}
