'use client';

import { Button } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import type { EventRow } from '@/server/queries/device-events.ts';
import { ToneGlyph } from '../../status/status.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { Section } from '../../ui/section.tsx';
import { ReasonCode } from '../../ui/tags.tsx';
import { Clock } from '../../ui/time.tsx';
import { useClockText } from '../../ui/use-now.ts';
import { useOrg } from '../../ui/use-org.ts';
import classes from './device-events.module.css';
import { eventWords } from './event-words.ts';

/** Events that one request brings, and how many of them are shown at first and by each "more". */
export const EVENTS_PER_PAGE = 100;
const SHOWN_AT_FIRST = 12;
const SHOWN_MORE = 24;

/** An event older than this shows its day too. */
const DAY_MS = 86_400_000;

/** What happened on a device, newest first. `newest` is the page that the rest of the device's page shares. */
export function DeviceEvents({ deviceId, newest }: { deviceId: string; newest: readonly EventRow[] }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const [ends, setEnds] = useState<Date[]>([]);
  const older = useQueries({
    queries: ends.map((before) =>
      trpc.devices.events.queryOptions(
        { org, deviceId, before, limit: EVENTS_PER_PAGE },
        { staleTime: Number.POSITIVE_INFINITY, refetchInterval: false },
      ),
    ),
  });
  const pages = [newest, ...older.map(({ data }) => data ?? [])];
  const seen = new Set<string>();
  const events = pages.flat().filter(({ id }) => !seen.has(id) && seen.add(id));
  const mayHaveMore = pages.at(-1)?.length === EVENTS_PER_PAGE;
  const isLoading = older.some(({ isPending }) => isPending);

  function more() {
    setShown(shown + SHOWN_MORE);
    const last = events.at(-1);
    if (shown + SHOWN_MORE > events.length && mayHaveMore && last) setEnds([...ends, last.at]);
  }

  return (
    <Section title="Events" sentence="newest first">
      {events.length === 0 && <p className={classes.none}>None yet. The agent reports what it does as it does it.</p>}
      <ol>
        {events.slice(0, shown).map((event) => (
          <EventLine key={event.id} event={event} />
        ))}
      </ol>
      {(events.length > shown || mayHaveMore) && (
        <div className={classes.more}>
          <Button onClick={more} loading={isLoading}>
            Load more
          </Button>
        </div>
      )}
    </Section>
  );
}

function EventLine({ event }: { event: EventRow }) {
  const { glyph, tone, title, detail } = eventWords(event);
  const style = useClockText((nowMs) => (nowMs - event.at.getTime() > DAY_MS ? 'day' : 'time'));
  const code = event.event.reason?.code;
  return (
    <li className={classes.line}>
      <span className={classes.at}>
        <Clock at={event.at} style={style === 'day' ? 'day' : 'time'} />
      </span>
      <ToneGlyph glyph={glyph} tone={tone} word="" />
      <span className={classes.title}>{title}</span>
      <span className={classes.detail}>
        {code !== undefined && <ReasonCode code={code} tone={tone === 'critical' ? 'critical' : 'attention'} />}
        {code !== undefined && ' '}
        {detail}
      </span>
    </li>
  );
}
