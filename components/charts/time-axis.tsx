'use client';

import { useBrowserValue } from '../ui/use-now.ts';
import { type TimeTicks, timeTicks } from './prepare/time-ticks.ts';
import classes from './time-axis.module.css';

/** At most this many labels under a wide plot; every other one hides under a narrow plot. */
const MAX_TICKS = 8;

const STYLES = {
  seconds: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  time: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
} satisfies Record<TimeTicks['style'], Intl.DateTimeFormatOptions>;

/** Round moments of a range on the reader's clock; none until the browser's time zone is known. */
export function useTimeTicks(from: number, to: number): TimeTicks {
  const offsetMs = useBrowserValue<number | null>(
    () => -new Date(from).getTimezoneOffset() * 60_000,
    () => null,
  );
  return offsetMs === null ? { ticks: [], style: 'time' } : timeTicks(from, to, MAX_TICKS, offsetMs);
}

/** A place in a range, as CSS has it. */
export function percent(t: number, from: number, to: number): string {
  return `${((t - from) / (to - from)) * 100}%`;
}

/** A moment on the clock, fine enough for buckets of the given step. */
export function clockText(t: number, stepMs: number): string {
  const style = stepMs < 60_000 ? STYLES.seconds : stepMs >= 86_400_000 ? STYLES.day : STYLES.time;
  return new Intl.DateTimeFormat('en-GB', { ...style, hour12: false }).format(t);
}

/** The labels of the time axis under a plot. */
export function TimeAxis({ from, to }: { from: number; to: number }) {
  const { ticks, style } = useTimeTicks(from, to);
  const format = new Intl.DateTimeFormat('en-GB', { ...STYLES[style], hour12: false });
  return (
    <div className={classes.axis} aria-hidden="true">
      {ticks.map((t) => (
        <span key={t} style={{ '--at': percent(t, from, to) }}>
          {format.format(t)}
        </span>
      ))}
    </div>
  );
}
