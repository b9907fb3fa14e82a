'use client';

import { formatAge } from './format.ts';
import { useBrowserValue, useClockText } from './use-now.ts';

/** A moment as data carries it. */
export type Moment = Date | number | string;

const CLOCK = {
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  minute: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  date: { day: 'numeric', month: 'short', year: 'numeric' },
  datetime: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

/** How much of a moment to show. */
export type ClockStyle = keyof typeof CLOCK;

/** A moment in the given zone, 24 hours; the reader's own zone when none is named. */
export function formatMoment(at: Moment, style: ClockStyle, timeZone?: string): string {
  return new Intl.DateTimeFormat('en-GB', { ...CLOCK[style], hour12: false, ...(timeZone ? { timeZone } : {}) }).format(
    new Date(at),
  );
}

function useLocalTime(at: Moment, style: ClockStyle): string {
  return useBrowserValue(
    () => formatMoment(at, style),
    () => `${formatMoment(at, style, 'UTC')}`,
  );
}

/** How long ago, kept up to date by one timer for the page; the exact time is its tooltip. */
export function Age({ at, before = '', after = '' }: { at: Moment; before?: string; after?: string }) {
  const atMs = new Date(at).getTime();
  const text = useClockText((nowMs) => formatAge(atMs, nowMs));
  const exact = useLocalTime(at, 'datetime');
  return (
    <time dateTime={new Date(at).toISOString()} title={exact} style={{ whiteSpace: 'nowrap' }} suppressHydrationWarning>
      {`${before}${text}${after}`}
    </time>
  );
}

/** A moment on the clock, in the reader's time zone. */
export function Clock({ at, style = 'time' }: { at: Moment; style?: ClockStyle }) {
  const exact = useLocalTime(at, 'datetime');
  return (
    <time dateTime={new Date(at).toISOString()} title={exact} style={{ whiteSpace: 'nowrap' }}>
      {useLocalTime(at, style)}
    </time>
  );
}
