'use client';

import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ScrollRegion } from '@/components/ui/scroll-region';
import { useTRPC } from '../../../trpc/client.ts';
import { QueryView } from '../../../ui/query-view.tsx';
import { Section } from '../../../ui/section.tsx';
import { SkeletonRows } from '../../../ui/skeleton.tsx';
import { Clock } from '../../../ui/time.tsx';
import { useOrg } from '../../../ui/use-org.ts';
import classes from './commands.module.css';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
const LINES_AT_FIRST = 50;
const MOST_LINES = 500;
const TYPING_MS = 250;

/** The newest lines of the device's own log, as they come. */
export function LogSection({ deviceId }: { deviceId: string }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const [level, setLevel] = useState<(typeof LEVELS)[number]>('info');
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(LINES_AT_FIRST);
  const [search] = useDebouncedValue(text.trim(), TYPING_MS);
  const filter = { org, deviceId, level, limit, ...(search !== '' && { search }) };
  const query = useQuery(trpc.commands.log.queryOptions(filter, { placeholderData: keepPreviousData }));
  return (
    <Section title="Log" sentence="newest first; 2,000 lines are kept">
      <div className={classes.filters}>
        <SegmentedControl
          aria-label="Level"
          value={level}
          onChange={(value) => setLevel(LEVELS.find((each) => each === value) ?? 'info')}
          data={LEVELS.map((each) => ({ value: each, label: each }))}
        />
        <TextInput
          aria-label="Search the log"
          placeholder="Search"
          value={text}
          maxLength={100}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <QueryView query={query} what="The log" skeleton={<SkeletonRows rows={5} columns={2} />}>
        {(lines) =>
          lines.length === 0 ? (
            <p className={classes.none}>
              {search === '' ? `No line of the level ${level} or above yet.` : 'No line has these words.'}
            </p>
          ) : (
            <>
              <ScrollRegion className={classes.log} label="Lines of the log">
                <ol>
                  {lines.map((line) => (
                    <li key={line.id} data-level={line.level}>
                      <Clock at={line.at} />
                      <span className={classes.level}>{line.level}</span>
                      <code>{line.message}</code>
                    </li>
                  ))}
                </ol>
              </ScrollRegion>
              {lines.length === limit && limit < MOST_LINES && (
                <Button onClick={() => setLimit(MOST_LINES)} loading={query.isPlaceholderData}>
                  Load more
                </Button>
              )}
            </>
          )
        }
      </QueryView>
    </Section>
  );
}
