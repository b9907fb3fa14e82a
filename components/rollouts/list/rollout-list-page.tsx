'use client';

import { Button, Tabs } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import type { RolloutState } from '@/server/domain/rollout/states.ts';
import { Page } from '../../shell/page.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { Icon } from '../../ui/icon.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { problemOf } from '../../ui/problem.ts';
import { EmptyState } from '../../ui/states.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { listTitle } from './list-title.ts';
import { CompactRollout, rolloutColumns } from './rollout-columns.tsx';
import classes from './rollout-list-page.module.css';

const VIEWS = ['all', 'open', 'over'] as const;

const STATES: Record<(typeof VIEWS)[number], RolloutState[] | undefined> = {
  all: undefined,
  open: ['draft', 'scheduled', 'running', 'paused', 'aborting', 'rolling-back'],
  over: ['succeeded', 'aborted', 'rolled-back', 'rollback-incomplete'],
};

const PAGE_SIZE = 50;

/** Every rollout, newest first: what moves, how far, and who began it. */
export function RolloutListPage() {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const [view, setView] = useQueryState('view', parseAsStringLiteral(VIEWS).withDefault('all'));
  const states = STATES[view];
  const query = useInfiniteQuery(
    trpc.rollouts.list.infiniteQueryOptions(
      { org, limit: PAGE_SIZE, ...(states && { states }) },
      { getNextPageParam: ({ nextCursor }) => nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const rows = query.data?.pages.flatMap(({ items }) => items);
  const newButton = (
    <Button component={Link} href={at.newRollout()} variant="filled" leftSection={<Icon name="plus" />}>
      New rollout
    </Button>
  );
  return (
    <Page crumbs={[{ label: 'Rollouts' }]}>
      <PageHead title={listTitle(rows)} sentence="Newest first." actions={newButton} />
      <Tabs className={classes.tabs ?? ''} value={view} onChange={(next) => void setView(toView(next))}>
        <Tabs.List aria-label="Which rollouts">
          <Tabs.Tab value="all">All</Tabs.Tab>
          <Tabs.Tab value="open">Not over yet</Tabs.Tab>
          <Tabs.Tab value="over">Over</Tabs.Tab>
        </Tabs.List>
      </Tabs>
      <DataTable
        noun="rollouts"
        columns={rolloutColumns}
        rows={rows}
        rowId={({ id }) => id}
        hrefFor={({ id }) => at.rollout(id)}
        renderCompact={(rollout) => <CompactRollout rollout={rollout} />}
        paging={{
          kind: 'more',
          onMore: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
          isLoading: query.isFetchingNextPage,
        }}
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
          isFiltered: view !== 'all',
          onClear: () => void setView(null),
          error:
            query.error && !rows
              ? {
                  message: 'The rollouts could not be loaded',
                  requestId: problemOf(query.error).requestId,
                  onRetry: () => void query.refetch(),
                }
              : undefined,
        }}
      />
    </Page>
  );
}

function toView(value: string | null): (typeof VIEWS)[number] | null {
  const known = VIEWS.find((view) => view === value);
  return known === 'all' ? null : (known ?? null);
}
