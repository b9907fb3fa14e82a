import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Href } from '../routes.ts';
import classes from './compact-list.module.css';

type CompactListProps<T> = {
  rows: readonly T[];
  rowId: (row: T) => string;
  hrefFor: ((row: T) => Href) | undefined;
  render: (row: T) => ReactNode;
  noun: string;
};

/** The rows of a table on a phone: two lines each, instead of a table that scrolls sideways. */
export function CompactList<T>({ rows, rowId, hrefFor, render, noun }: CompactListProps<T>) {
  return (
    <ul className={classes.list} aria-label={noun}>
      {rows.map((row) => (
        <li key={rowId(row)} className={classes.item}>
          {hrefFor ? (
            <Link className={classes.link} href={hrefFor(row)}>
              {render(row)}
            </Link>
          ) : (
            render(row)
          )}
        </li>
      ))}
    </ul>
  );
}

/** The usual two lines: name and what matters most at the right, then small grey facts. */
export function CompactRow({ title, end, children }: { title: ReactNode; end?: ReactNode; children?: ReactNode }) {
  return (
    <span className={classes.row}>
      <span className={classes.top}>
        <span className={classes.title}>{title}</span>
        {end !== undefined && <span className={classes.end}>{end}</span>}
      </span>
      {children !== undefined && <span className={classes.facts}>{children}</span>}
    </span>
  );
}
