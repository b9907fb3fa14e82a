'use client';

import { Tooltip } from '@mantine/core';
import { Clock } from '../ui/time.tsx';
import classes from './connection-pill.module.css';
import type { Connection } from './shell-context.tsx';

const STATES: Record<Connection['state'], { word: string; meaning: string }> = {
  live: { word: 'Live', meaning: 'Changes appear by themselves.' },
  reconnecting: {
    word: 'Reconnecting',
    meaning: 'The stream broke off and is being restored; the page may be behind.',
  },
  paused: { word: 'Paused', meaning: 'Nothing is fetched while the stream is closed.' },
};

/** Whether the page is live, and when its data was last true. */
export function ConnectionPill({ connection }: { connection: Connection }) {
  const { word, meaning } = STATES[connection.state];
  return (
    <Tooltip label={meaning}>
      <span className={classes.pill} data-state={connection.state} role="status">
        <i className={classes.mark} />
        <span>{word}</span>
        {connection.at !== null && (
          <span className={classes.at} aria-hidden="true">
            <Clock at={connection.at} />
          </span>
        )}
      </span>
    </Tooltip>
  );
}
