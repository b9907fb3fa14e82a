import type { ReactNode } from 'react';
import classes from './rule-fields.module.css';

/** A label over a control that brings none of its own. */
export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.labelled}>
      <span className={classes.label}>{label}</span>
      {children}
    </div>
  );
}
