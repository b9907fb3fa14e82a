'use client';

import { type DataTableSelectionProps, DataTable as MantineDataTable } from 'mantine-datatable';
import { useRouter } from 'next/navigation';
import { type MouseEvent, type ReactNode, useRef, useState } from 'react';
import type { Href } from '../routes.ts';
import { Icon } from '../ui/icon.tsx';
import { type Column, tableColumn } from './columns.tsx';
import { CompactList } from './compact-list.tsx';
import classes from './data-table.module.css';
import type { Sort } from './sort.ts';
import { BulkBar, type Paging, TableFoot } from './table-foot.tsx';
import { type TableState, TableStateView } from './table-state.tsx';
import { useOverflows } from './use-overflows.ts';
import { useRowKeys } from './use-row-keys.ts';

type DataTableProps<T> = {
  /** What the rows are, in the plural: "devices". Names the table, its states and its foot. */
  noun: string;
  columns: readonly Column<T>[];
  /** The rows, or `undefined` while they load for the first time. */
  rows: readonly T[] | undefined;
  rowId: (row: T) => string;
  /** What a row is called, where its id means nothing to people. */
  rowName?: (row: T) => string;
  /** Where a row leads; the title column becomes a link to it, and a click or Enter on the row follows. */
  hrefFor?: (row: T) => Href;
  /** The row as two lines, for phones. */
  renderCompact: (row: T) => ReactNode;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** Actions on the selected rows; giving them turns selection on. */
  bulkActions?: (selected: readonly T[], clear: () => void) => ReactNode;
  paging?: Paging;
  /** First use, filters that match nothing, failure. */
  state: TableState;
};

/** A list as a table: 34 px rows, sticky head, order and page kept by the caller, j k x Enter, and all four states. */
export function DataTable<T>(props: DataTableProps<T>) {
  const {
    noun,
    columns,
    rows,
    rowId,
    rowName = rowId,
    hrefFor,
    renderCompact,
    sort,
    onSort,
    bulkActions,
    paging,
    state,
  } = props;
  const router = useRouter();
  const box = useRef<HTMLDivElement>(null);
  const isWider = useOverflows(box);
  const [selectedIds, setSelectedIds] = useState<ReadonlySet<string>>(new Set());
  const shown = rows ?? [];
  const selected = shown.filter((row) => selectedIds.has(rowId(row)));
  const select = (list: readonly T[]) => setSelectedIds(new Set(list.map(rowId)));

  function toggle(index: number) {
    const row = shown[index];
    if (row === undefined) return;
    select(selected.includes(row) ? selected.filter((each) => each !== row) : [...selected, row]);
  }

  function open(row: T | undefined, event?: MouseEvent) {
    if (row === undefined || !hrefFor) return;
    const target = event?.target as HTMLElement | undefined;
    if (target?.closest('a, button, input, label') || window.getSelection()?.type === 'Range') return;
    if (event?.metaKey || event?.ctrlKey) window.open(hrefFor(row), '_blank', 'noopener');
    else router.push(hrefFor(row));
  }

  const active = useRowKeys({
    container: box,
    count: shown.length,
    onOpen: hrefFor && ((index) => open(shown[index])),
    onToggle: bulkActions && toggle,
  });

  if (rows === undefined || state.error !== undefined || rows.length === 0) {
    return <TableStateView noun={noun} columns={columns.length} isLoading={rows === undefined} state={state} />;
  }

  const sortedBy = columns.find((column) => column.sortKey !== undefined && column.sortKey === sort?.key);
  const selection: DataTableSelectionProps<T> = bulkActions
    ? {
        selectedRecords: [...selected],
        onSelectedRecordsChange: select,
        allRecordsSelectionCheckboxProps: { 'aria-label': `Select all ${noun} shown` },
        getRecordSelectionCheckboxProps: (row: T) => ({ 'aria-label': `Select ${rowName(row)}` }),
      }
    : {};
  return (
    <div className={classes.box} ref={box} data-wider={isWider}>
      <CompactList rows={shown} rowId={rowId} hrefFor={hrefFor} render={renderCompact} noun={noun} />
      <MantineDataTable<T>
        className={classes.root ?? ''}
        classNames={{ table: classes.table ?? '', header: classes.head ?? '' }}
        aria-label={noun}
        records={[...shown]}
        idAccessor={rowId}
        columns={columns.map((column) => tableColumn(column, hrefFor))}
        highlightOnHover
        sortStatus={{ columnAccessor: sortedBy?.id ?? '', direction: sort?.isDescending ? 'desc' : 'asc' }}
        onSortStatusChange={(status) => {
          const key = columns.find((column) => column.id === status.columnAccessor)?.sortKey;
          if (key !== undefined) onSort?.({ key, isDescending: status.direction === 'desc' });
        }}
        sortIcons={{ sorted: <Icon name="up" size={12} />, unsorted: <span className={classes.unsorted} /> }}
        customRowAttributes={(_, index) => ({ 'data-row': index, 'data-active': index === active, tabIndex: -1 })}
        rowClassName={() => (hrefFor ? classes.opens : undefined)}
        onRowClick={({ record, event }) => open(record, event)}
        {...selection}
      />
      <TableFoot canOpen={hrefFor !== undefined} noun={noun} shown={shown.length} paging={paging} />
      {bulkActions && selected.length > 0 && (
        <BulkBar count={selected.length} onClear={() => select([])}>
          {bulkActions(selected, () => select([]))}
        </BulkBar>
      )}
    </div>
  );
}
