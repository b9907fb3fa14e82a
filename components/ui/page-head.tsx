import type { ReactNode } from 'react';
import classes from './page-head.module.css';

type PageHeadProps = {
  /** The answer, not the subject: "14 devices in trouble, from 5 causes". The page's only h1. */
  title: ReactNode;
  /** Dimmed words on the title's line: a site, a target. */
  aside?: ReactNode;
  /** What to know next, in one sentence or one line of facts. */
  sentence?: ReactNode;
  /** Buttons; at most one of them filled. */
  actions?: ReactNode;
};

/** The top of a page: its answer, one sentence, its actions. */
export function PageHead({ title, aside, sentence, actions }: PageHeadProps) {
  return (
    <header className={classes.head}>
      <div className={classes.words}>
        <h1 className={classes.title}>
          {title} {aside !== undefined && <span className={classes.aside}>{aside}</span>}
        </h1>
        {sentence !== undefined && <div className={classes.sentence}>{sentence}</div>}
      </div>
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </header>
  );
}

/** Facts on one line, parted by middle dots; for the sentence of a page head. */
export function FactLine({ facts }: { facts: readonly { id: string; content: ReactNode }[] }) {
  return (
    <span className={classes.line}>
      {facts.map((fact) => (
        <span key={fact.id}>{fact.content}</span>
      ))}
    </span>
  );
}
