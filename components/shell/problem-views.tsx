'use client';

import { useEffect } from 'react';
import { ErrorState } from '../ui/states.tsx';
import classes from './problem-views.module.css';

/** An address that leads nowhere, or to something this person may not see. */
export function NotFoundView() {
  return (
    <div className={classes.view}>
      <h1 className={classes.title}>Nothing stands here</h1>
      <p className={classes.words}>The address is wrong, the thing was removed, or you have no access to it.</p>
    </div>
  );
}

type PageErrorViewProps = { error: Error & { digest?: string }; reset: () => void };

/** A page that broke while it was drawn. The digest finds the failure in the server's log. */
export function PageErrorView({ error, reset }: PageErrorViewProps) {
  useEffect(() => console.error(error), [error]);
  return (
    <div className={classes.view}>
      <ErrorState message="This page could not be shown" onRetry={reset} requestId={error.digest} />
    </div>
  );
}
