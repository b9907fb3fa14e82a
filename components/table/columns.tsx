import type { DataTableColumn } from 'mantine-datatable';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Href } from '../routes.ts';
import classes from './columns.module.css';

/** One column of a table. */
export type Column<T> = {
  id: string;
  title: ReactNode;
  render: (row: T) => ReactNode;
  /** The column that names the row: medium weight, and a link when rows lead somewhere. One per table. */
  isTitle?: boolean;
  /** Numbers stand at the right. */
  align?: 'left' | 'right';
  /** The key the server sorts by; with it the head can be clicked. */
  sortKey?: string;
  width?: number | string;
  /** Cuts long text at the column's edge; needs a width. */
  isCut?: boolean;
};

function titleCell<T>(column: Column<T>, row: T, hrefFor: ((row: T) => Href) | undefined): ReactNode {
  const content = column.render(row);
  return hrefFor ? (
    <Link className={classes.title} href={hrefFor(row)}>
      {content}
    </Link>
  ) : (
    <span className={classes.title}>{content}</span>
  );
}

/** Our column in the table library's words. */
export function tableColumn<T>(column: Column<T>, hrefFor: ((row: T) => Href) | undefined): DataTableColumn<T> {
  return {
    accessor: column.id,
    title: column.title,
    render: (row) => (column.isTitle ? titleCell(column, row, hrefFor) : column.render(row)),
    textAlign: column.align ?? 'left',
    sortable: column.sortKey !== undefined,
    ...(column.width !== undefined && { width: column.width }),
    ...(column.isCut ? { ellipsis: true } : { noWrap: true }),
  };
}
