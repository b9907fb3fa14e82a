'use client';

import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { Page } from '../shell/page.tsx';
import { DataTable } from '../table/data-table.tsx';
import { FilterField } from '../table/filter-field.tsx';
import { useTableUrlState } from '../table/use-table-url-state.ts';
import { useTRPC } from '../trpc/client.ts';
import { Icon } from '../ui/icon.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { problemOf } from '../ui/problem.ts';
import { EmptyState, StaleNotice } from '../ui/states.tsx';
import { useOrg } from '../ui/use-org.ts';
import { DEVICE_COLUMNS } from './device-columns.tsx';
import { devicesTitle, FILTER_KEYS, FILTERS, filterText, tableInput, VIEWS, viewCount } from './device-filters.ts';
import { DeviceCompact } from './device-row.tsx';
import { DeviceViews } from './device-views.tsx';
import { DevicesCount } from './devices-count.tsx';
import { LabelsOfMany } from './labels-of-many.tsx';

const SORTS = ['name'];
const BY_NAME = { key: 'name', isDescending: false };
const [ALL] = VIEWS;

/** The fleet as a table, by name: three axes, what each device serves and how it does. */
export function Devices() {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const url = useTableUrlState({ filterKeys: FILTERS, sortKeys: SORTS, defaultSort: BY_NAME });
  const [earlier, setEarlier] = useState<(string | null)[]>([]);
  const query = useQuery(
    trpc.devices.table.queryOptions({ org, ...tableInput(url) }, { placeholderData: keepPreviousData }),
  );
  const { data, error } = query;
  const next = data?.nextCursor;
  const all = data && ALL ? viewCount(ALL, data.counts) : 0;
  const isFirstUse = data !== undefined && all === 0 && !url.isFiltered;
  const problem = data === undefined && error ? problemOf(error) : null;

  function goOn(cursor: string) {
    setEarlier([...earlier, url.cursor]);
    url.setCursor(cursor);
  }
  function goBack() {
    url.setCursor(earlier.at(-1) ?? null);
    setEarlier(earlier.slice(0, -1));
  }

  return (
    <Page crumbs={[{ label: 'Devices' }]}>
      <PageHead
        title={devicesTitle(data?.counts)}
        actions={
          <Button component={Link} href={at.enrollment()} variant="filled" leftSection={<Icon name="plus" size={14} />}>
            Enroll a device
          </Button>
        }
      />
      {!isFirstUse && (
        <>
          <DeviceViews q={url.q} filters={url.filters} counts={data?.counts} />
          <FilterField
            state={url}
            keys={FILTER_KEYS}
            placeholder="Type a name, or a filter such as update:rejected or site=oslo"
          />
        </>
      )}
      {data && error !== null && <StaleNotice at={query.dataUpdatedAt} onRetry={() => void query.refetch()} />}
      {data && url.isFiltered && (
        <DevicesCount
          shown={url.cursor === null ? data.total : null}
          of={all}
          text={filterText(url.q, url.filters)}
          onClear={url.clear}
        />
      )}
      <DataTable
        noun="devices"
        columns={DEVICE_COLUMNS}
        rows={data?.rows}
        rowId={({ id }) => id}
        rowName={({ name }) => name}
        hrefFor={({ id }) => at.device(id)}
        renderCompact={(device) => <DeviceCompact device={device} />}
        bulkActions={(selected, clear) => <LabelsOfMany devices={selected} onDone={clear} />}
        paging={{
          kind: 'pages',
          ...(data && url.cursor === null && { total: data.total }),
          onNext: next ? () => goOn(next) : undefined,
          onPrevious: url.cursor === null ? undefined : goBack,
        }}
        state={{
          empty: <NoDevices />,
          isFiltered: url.isFiltered || url.cursor !== null,
          onClear: url.clear,
          error: problem
            ? {
                message: 'The devices could not be loaded',
                advice: problem.sentence,
                requestId: problem.requestId,
                onRetry: () => void query.refetch(),
              }
            : undefined,
        }}
      />
    </Page>
  );
}

function NoDevices() {
  return (
    <EmptyState title="Make a token, run one command">
      A device appears here when it enrolls. “Enroll a device” makes a token and gives the exact command to run on the
      board.
    </EmptyState>
  );
}
