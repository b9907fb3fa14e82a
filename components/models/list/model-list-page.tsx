'use client';

import { Button } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { parseAsBoolean, useQueryState } from 'nuqs';
import { Page } from '../../shell/page.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { FilterField } from '../../table/filter-field.tsx';
import type { FilterKey } from '../../table/filter-text.ts';
import { loadError, morePages } from '../../table/from-query.ts';
import { useTableUrlState } from '../../table/use-table-url-state.ts';
import { useTRPC } from '../../trpc/client.ts';
import { Icon } from '../../ui/icon.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { UploadPanel } from '../upload/upload-panel.tsx';
import { listTitle } from './list-title.ts';
import { CompactModel, modelColumns } from './model-columns.tsx';
import classes from './model-list-page.module.css';

const PAGE_SIZE = 50;
const NO_FILTERS = [] as const;
const NO_KEYS: readonly FilterKey[] = [];
const BY_NAME = { key: 'name', isDescending: false };

/** The registry: each model with its newest version, and what the fleet serves of it. */
export function ModelListPage() {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const url = useTableUrlState({ filterKeys: NO_FILTERS, sortKeys: NO_FILTERS, defaultSort: BY_NAME });
  const [isUploading, setUploading] = useQueryState('upload', parseAsBoolean.withDefault(false));
  const query = useInfiniteQuery(
    trpc.models.list.infiniteQueryOptions(
      { org, limit: PAGE_SIZE, ...(url.q && { q: url.q }) },
      { getNextPageParam: ({ nextCursor }) => nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const rows = query.data?.pages.flatMap(({ items }) => items);
  const isFirstUse = rows?.length === 0 && !url.isFiltered;
  const openUpload = () => void setUploading(true);
  return (
    <Page crumbs={[{ label: 'Models' }]}>
      <PageHead
        title={url.isFiltered || !rows ? 'Models' : listTitle(rows)}
        sentence="What can be rolled out, and what the fleet serves of it now."
        actions={
          isUploading ? undefined : (
            <Button variant="filled" leftSection={<Icon name="up" />} onClick={openUpload}>
              Upload a version
            </Button>
          )
        }
      />
      {isUploading && <UploadPanel onClose={() => void setUploading(null)} />}
      <div className={classes.list} data-under={isUploading}>
        {!isFirstUse && <FilterField state={url} keys={NO_KEYS} placeholder="Type a model's name" />}
        <DataTable
          noun="models"
          columns={modelColumns}
          rows={rows}
          rowId={({ name }) => name}
          hrefFor={({ name }) => at.model(name)}
          renderCompact={(model) => <CompactModel model={model} />}
          paging={morePages(query)}
          state={{
            empty: isUploading ? null : (
              <EmptyState title="No models yet" action={<Button onClick={openUpload}>Choose an .onnx file</Button>}>
                A model is an ONNX file under a name, in versions that never change. Upload the first version; its facts
                are read from the file itself.
              </EmptyState>
            ),
            isFiltered: url.isFiltered,
            onClear: url.clear,
            error: loadError(query, 'The models'),
          }}
        />
      </div>
    </Page>
  );
}
