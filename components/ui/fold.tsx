'use client';

import { type ReactNode, useId, useState } from 'react';
import classes from './fold.module.css';
import { Icon } from './icon.tsx';

type FoldProps = {
  title: string;
  /** What is inside, in one sentence; so that it need not be opened. */
  sentence: ReactNode;
  /** Opens by itself: something inside needs a hand. */
  isForcedOpen?: boolean;
  children: ReactNode;
};

/** A part of a form that has safe values already: its sentence shows them, a click opens it. */
export function Fold({ title, sentence, isForcedOpen, children }: FoldProps) {
  const id = useId();
  const [isChosen, setChosen] = useState(false);
  const isOpen = isChosen || isForcedOpen === true;
  return (
    <div className={classes.fold}>
      <h2 className={classes.title}>
        <button
          type="button"
          className={classes.head}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setChosen(!isOpen)}
        >
          <Icon name={isOpen ? 'down' : 'right'} size={14} />
          {title}
        </button>
      </h2>
      <p className={classes.sentence}>{sentence}</p>
      <div id={id} className={classes.body} hidden={!isOpen}>
        {children}
      </div>
    </div>
  );
}
