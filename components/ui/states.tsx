'use client';

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { CodeBlock, CopyText } from './copy.tsx';
import { Icon } from './icon.tsx';
import classes from './states.module.css';
import { Clock, type Moment } from './time.tsx';

type EmptyStateProps = {
  /** What is not here yet, as a fact: "No devices yet". */
  title: string;
  /** What will stand here, and the one step that brings it. */
  children: ReactNode;
  /** The exact next command, ready to copy. */
  command?: string;
  /** The one button of the step. */
  action?: ReactNode;
};

/** First use: says what will stand here and gives the exact next step. */
export function EmptyState({ title, children, command, action }: EmptyStateProps) {
  return (
    <div className={classes.state}>
      <h3 className={classes.title}>{title}</h3>
      <div className={classes.words}>{children}</div>
      {command !== undefined && (
        <div className={classes.command}>
          <CodeBlock code={command} label="command" />
        </div>
      )}
      {action !== undefined && <div className={classes.actions}>{action}</div>}
    </div>
  );
}

/** Filters that match nothing: names them and offers the way back. */
export function NothingMatches({ what, onClear }: { what: string; onClear: () => void }) {
  return (
    <div className={classes.state}>
      <h3 className={classes.title}>{`No ${what} match these filters`}</h3>
      <div className={classes.actions}>
        <Button onClick={onClear}>Clear filters</Button>
      </div>
    </div>
  );
}

type ErrorStateProps = {
  /** What could not be done, for people: "The devices could not be loaded". */
  message: string;
  /** What to do about it. */
  advice?: ReactNode;
  onRetry?: () => void;
  isRetrying?: boolean;
  /** Finds the same failure in the server's log. */
  requestId?: string | undefined;
};

/** A failure in the place of what it prevented, with a way on and the id that finds it in the log. */
export function ErrorState({ message, advice, onRetry, isRetrying, requestId }: ErrorStateProps) {
  return (
    <div className={classes.state} role="alert">
      <h3 className={classes.title}>
        <span className={classes.bad}>
          <Icon name="warning" />
        </span>
        {message}
      </h3>
      <div className={classes.words}>{advice ?? 'Nothing was changed. Try again in a moment.'}</div>
      <div className={classes.actions}>
        {onRetry !== undefined && (
          <Button onClick={onRetry} loading={isRetrying ?? false}>
            Try again
          </Button>
        )}
        {requestId !== undefined && (
          <span className={classes.request}>
            Request <CopyText value={requestId} label="request id" />
          </span>
        )}
      </div>
    </div>
  );
}

type StaleNoticeProps = {
  /** When the data shown was true. */
  at: Moment;
  onRetry?: () => void;
};

/** A line above data that may have changed since: never let old data look fresh. */
export function StaleNotice({ at, onRetry }: StaleNoticeProps) {
  return (
    <div className={classes.stale} role="status">
      <span>
        Data as of <Clock at={at} />. The connection is being restored; nothing here is live.
      </span>
      {onRetry !== undefined && (
        <Button variant="link" onClick={onRetry}>
          Refresh now
        </Button>
      )}
    </div>
  );
}
