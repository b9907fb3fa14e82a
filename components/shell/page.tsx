import type { ReactNode } from 'react';
import classes from './page.module.css';
import { type Crumb, TopBar } from './top-bar.tsx';

type PageProps = { crumbs: readonly Crumb[]; tools?: ReactNode; children: ReactNode };

/** A page in the frame: its bar, then its body. The body starts with a `PageHead` and goes on in `Section`s. */
export function Page({ crumbs, tools, children }: PageProps) {
  return (
    <>
      <TopBar crumbs={crumbs} tools={tools} />
      <div className={classes.body}>{children}</div>
    </>
  );
}
