import { Fragment, type ReactNode } from 'react';
import classes from './facts.module.css';

/** One line of a fact list. */
export type Fact = { label: string; value: ReactNode };

/** Labels and values in two columns; values in ink. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map((fact) => (
        <div key={fact.label} className={classes.fact}>
          <dt className={classes.label}>{breakable(fact.label)}</dt>
          <dd className={classes.value}>{breakable(fact.value)}</dd>
        </div>
      ))}
    </dl>
  );
}

const PARTS = /[^_,/]+[_,/]*|[_,/]+/g;

/** A long name breaks after what joins its parts, before it breaks in the middle of a word. */
function breakable(text: ReactNode): ReactNode {
  if (typeof text !== 'string') return text;
  return [...text.matchAll(PARTS)].map(({ 0: part, index }) => (
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}

/** key=value labels of a device or a release, in mono. */
export function Labels({ labels }: { labels: Readonly<Record<string, string>> }) {
  return (
    <ul className={classes.labels}>
      {Object.entries(labels).map(([key, value]) => (
        <li key={key} className={classes.chip}>{`${key}=${value}`}</li>
      ))}
    </ul>
  );
}
