import type { ReactNode } from 'react';
import classes from './auth-shell.module.css';
import { Logo } from './logo.tsx';

type AuthShellProps = {
  title: string;
  sentence?: ReactNode;
  /** A quiet line under the form. */
  foot?: ReactNode;
  children: ReactNode;
};

/** A calm page with one form: signing in, or setting up for the first time. */
export function AuthShell({ title, sentence, foot, children }: AuthShellProps) {
  return (
    <main className={classes.page}>
      <div className={classes.sheet}>
        <p className={classes.brand}>
          <Logo size={22} /> Flotilla
        </p>
        <h1 className={classes.title}>{title}</h1>
        {sentence !== undefined && <p className={classes.sentence}>{sentence}</p>}
        <div className={classes.form}>{children}</div>
        {foot !== undefined && <p className={classes.foot}>{foot}</p>}
      </div>
    </main>
  );
}
