'use client';

import { Button } from '@mantine/core';
import { useState } from 'react';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { GlyphName } from '../../status/glyph.tsx';
import { ToneGlyph } from '../../status/status.tsx';
import type { Tone } from '../../status/types.ts';
import { Section } from '../../ui/section.tsx';
import { Clock } from '../../ui/time.tsx';
import classes from './decisions.module.css';

/** Decisions shown before "All". */
const FIRST = 8;

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
export function Decisions({ decisions }: Pick<RolloutPage, 'decisions'>) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? decisions : decisions.slice(0, FIRST);
  const rest = decisions.length - shown.length;
  return (
    <Section
      title="Decisions"
      isNested
      end={
        rest > 0 || isAll ? (
          <Button variant="link" onClick={() => setAll(!isAll)}>
            {isAll ? 'Fewer' : `All ${decisions.length}`}
          </Button>
        ) : undefined
      }
    >
      <ol className={classes.list}>
        {shown.map(({ id, at, kind, message, actorKind, actorName }) => {
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
    </Section>
  );
}

/** "Started Canary" after a name: "Engine started Canary"; what begins with a wave's own name stands after a colon. */
function afterName(message: string): string {
  if (message.startsWith('Rolling back')) return ` is r${message.slice(1)}`;
  return /^(Started|Told|Passed over|Paused|Resumed|Took|Sent|Finished|Aborted|Planned|Asked)\b/.test(message)
    ? ` ${message.slice(0, 1).toLowerCase()}${message.slice(1)}`
    : `: ${message}`;
}
