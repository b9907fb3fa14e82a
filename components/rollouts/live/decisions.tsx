'use client';

import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RolloutDecision } from '@/server/queries/rollout-decisions.ts';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { GlyphName } from '../../status/glyph.tsx';
import { ToneGlyph } from '../../status/status.tsx';
import type { Tone } from '../../status/types.ts';
import { useTRPC } from '../../trpc/client.ts';
import { Section } from '../../ui/section.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './decisions.module.css';

/** Decisions shown before "All". */
const FIRST = 8;
const PER_PAGE = 50;

type Look = { glyph: GlyphName; tone: Tone };

const LOOKS: Record<string, Look> = {
  create: { glyph: 'ring', tone: 'quiet' },
  start: { glyph: 'dot', tone: 'quiet' },
  'start-wave': { glyph: 'pie', tone: 'progress' },
  'bake-wave': { glyph: 'hourglass', tone: 'progress' },
  'pass-wave': { glyph: 'check', tone: 'ok' },
  'skip-wave': { glyph: 'struck-ring', tone: 'unknown' },
  'fail-wave': { glyph: 'octagon', tone: 'critical' },
  'time-out': { glyph: 'triangle', tone: 'attention' },
  pause: { glyph: 'bars', tone: 'attention' },
  'roll-back': { glyph: 'turn-back', tone: 'critical' },
  'create-rollback': { glyph: 'turn-back', tone: 'attention' },
  abort: { glyph: 'square-x', tone: 'critical' },
  finish: { glyph: 'check', tone: 'quiet' },
};

const PLAIN: Look = { glyph: 'dot', tone: 'quiet' };

/** Who decided what and when, newest first: the engine's decisions and people's. */
export function Decisions({ page: { rollout, decisions } }: { page: RolloutPage }) {
  const [isAll, setAll] = useState(false);
  const isMore = decisions.length > FIRST;
  return (
    <Section
      title="Decisions"
      isNested
      end={
        isMore ? (
          <Button variant="link" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
            {isAll ? 'The newest' : 'All'}
          </Button>
        ) : undefined
      }
    >
      {isAll ? <AllDecisions id={rollout.id} newest={decisions} /> : <List decisions={decisions.slice(0, FIRST)} />}
    </Section>
  );
}

/** Every decision, by page; new ones come in at the top as they are made. */
function AllDecisions({ id, newest }: { id: string; newest: readonly RolloutDecision[] }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const last = newest.at(-1)?.id;
  const older = useInfiniteQuery(
    trpc.rollouts.decisions.infiniteQueryOptions(
      { org, id, limit: PER_PAGE },
      {
        getNextPageParam: ({ nextCursor }) => nextCursor,
        ...(last && { initialCursor: last }),
        refetchInterval: false,
      },
    ),
  );
  const rows = older.data?.pages.flatMap(({ items }) => items) ?? [];
  const known = new Set(newest.map((each) => each.id));
  return (
    <>
      <List decisions={[...newest, ...rows.filter((row) => !known.has(row.id))]} />
      {older.hasNextPage && (
        <Button
          className={classes.more ?? ''}
          variant="link"
          loading={older.isFetching}
          onClick={() => void older.fetchNextPage()}
        >
          Show older ones
        </Button>
      )}
    </>
  );
}

function List({ decisions }: { decisions: readonly RolloutDecision[] }) {
  return (
    <ol className={classes.list}>
      {decisions.map(({ id, at, kind, message, actorKind, actorName }) => {
        const { glyph, tone } = LOOKS[kind] ?? PLAIN;
        return (
          <li key={id} className={classes.decision}>
            <ToneGlyph glyph={glyph} tone={tone} word={kind} />
            <p className={classes.words}>
              <b>{actorName ?? (actorKind === 'engine' ? 'Engine' : 'API')}</b>
              {afterName(message)}
            </p>
            <span className={classes.at}>
              <Clock at={at} style="minute" />
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** "Started Canary" after a name: "Engine started Canary"; what begins with a wave's own name stands after a colon. */
function afterName(message: string): string {
  if (message.startsWith('Rolling back')) return ` is r${message.slice(1)}`;
  return /^(Started|Told|Passed over|Paused|Resumed|Took|Sent|Finished|Aborted|Planned|Asked|Approved|Rejected|Skipped)\b/.test(
    message,
  )
    ? ` ${message.slice(0, 1).toLowerCase()}${message.slice(1)}`
    : `: ${message}`;
}
