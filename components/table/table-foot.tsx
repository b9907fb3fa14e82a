'use client';

import { ActionIcon, Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatCount } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import classes from './table-foot.module.css';

/** How a list goes on: `more` appends to the rows shown, `pages` replaces them. `total` is shown when the server counted. */
export type Paging =
  | { kind: 'more'; total?: number; onMore?: (() => void) | undefined; isLoading?: boolean }
  | { kind: 'pages'; total?: number; onNext?: (() => void) | undefined; onPrevious?: (() => void) | undefined };

type TableFootProps = {
  noun: string;
  shown: number;
  paging: Paging | undefined;
  /** Rows lead somewhere. */
  canOpen: boolean;
};

function countText({ noun, shown, paging }: Omit<TableFootProps, 'canOpen'>): string {
  const hasMore = paging?.kind === 'more' ? paging.onMore !== undefined : Boolean(paging?.onNext ?? paging?.onPrevious);
  if (paging?.total !== undefined && paging.total > shown)
    return `${formatCount(shown)} of ${formatCount(paging.total)} ${noun}`;
  const rows = `${formatCount(shown)} ${shown === 1 ? noun.replace(/s$/, '') : noun}`;
  return hasMore ? `${rows} shown` : `${rows}, all shown`;
}

/** Under a list: how much of it is shown, the way to the rest, and the keys. */
export function TableFoot(props: TableFootProps) {
  const { paging } = props;
  return (
    <div className={classes.foot}>
      <span>{countText(props)}</span>
      {paging?.kind === 'more' && paging.onMore && (
        <Button onClick={paging.onMore} loading={paging.isLoading ?? false}>
          Load more
        </Button>
      )}
      {paging?.kind === 'pages' && (paging.onNext ?? paging.onPrevious) && (
        <span className={classes.pages}>
          <Button
            onClick={paging.onPrevious}
            disabled={!paging.onPrevious}
            leftSection={<Icon name="left" size={14} />}
          >
            Previous
          </Button>
          <Button onClick={paging.onNext} disabled={!paging.onNext} rightSection={<Icon name="right" size={14} />}>
            Next
          </Button>
        </span>
      )}
      <span className={classes.keys}>
        <kbd>j</kbd> <kbd>k</kbd> move{' '}
        {props.canOpen && (
          <>
            <kbd>Enter</kbd> open{' '}
          </>
        )}
        <kbd>?</kbd> all keys
      </span>
    </div>
  );
}

/** The actions on selected rows, floating over the list's foot. */
export function BulkBar({ count, onClear, children }: { count: number; onClear: () => void; children: ReactNode }) {
  return (
    <div className={classes.bulk} role="toolbar" aria-label="Actions on selected rows">
      <span>
        <b>{formatCount(count)}</b> selected
      </span>
      <i />
      {children}
      <i />
      <ActionIcon aria-label="Clear selection" onClick={onClear}>
        <Icon name="close" size={14} />
      </ActionIcon>
    </div>
  );
}
