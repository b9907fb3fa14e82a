'use client';

import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { Age, type Moment } from '../ui/time.tsx';
import { Glyph, type GlyphName } from './glyph.tsx';
import { statusEntry } from './registry.ts';
import classes from './status.module.css';
import type { StatusAxis, StatusValues, Tone } from './types.ts';

/** An axis together with one of its values. */
export type AxisValue = { [A in StatusAxis]: { axis: A; value: StatusValues[A] } }[StatusAxis];

type StatusProps = AxisValue & {
  /** Since when; shown as an age that keeps itself up to date. */
  since?: Moment | null | undefined;
  /** A more telling word than the registry's: "1.5.0 rejected", "38 %". */
  word?: ReactNode;
  /** `lg` for the head of a page, with "for" before the age. */
  size?: 'md' | 'lg';
};

/** Shape, word, tone and age of a status; what it means is its tooltip. */
export function Status({ axis, value, since, word, size = 'md' }: StatusProps) {
  const entry = statusEntry(axis, value);
  return (
    <Tooltip label={entry.description}>
      <span className={classes.status} data-tone={entry.tone} data-size={size}>
        <Glyph name={entry.glyph} />
        <span className={classes.word}>{word ?? entry.word}</span>
        {since !== undefined && since !== null && (
          <span className={classes.age}>
            <Age at={since} before={size === 'lg' ? 'for ' : ''} />
          </span>
        )}
      </span>
    </Tooltip>
  );
}

/** Only the shape in its tone, for lists whose text already says the word; the word goes to screen readers. */
export function StatusGlyph({ axis, value }: AxisValue) {
  const entry = statusEntry(axis, value);
  return <ToneGlyph glyph={entry.glyph} tone={entry.tone} word={entry.word} />;
}

/** A shape in a tone for what is no status of an axis: a decision, a verdict, an event. */
export function ToneGlyph({ glyph, tone, word }: { glyph: GlyphName; tone: Tone; word: string }) {
  return (
    <span className={classes.mark} data-tone={tone}>
      <Glyph name={glyph} />
      <span className={classes.said}>{word}</span>
    </span>
  );
}

/** A verdict in words beside its shape, for gates and checks that lie on no axis. */
export function ToneWord({ glyph, tone, children }: { glyph: GlyphName; tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.status} data-tone={tone} data-size="md">
      <Glyph name={glyph} />
      <span className={classes.word}>{children}</span>
    </span>
  );
}
