import Link from 'next/link';
import type { Href } from '../routes.ts';
import { formatCount } from '../ui/format.ts';
import { statusEntry, statusValues } from './registry.ts';
import { type AxisValue, Status } from './status.tsx';
import classes from './status-bar.module.css';
import type { StatusAxis, StatusValues, Tone } from './types.ts';

type StatusBarProps<A extends StatusAxis> = {
  axis: A;
  counts: Partial<Record<StatusValues[A], number>>;
  /** Where a count leads: the list filtered by it. */
  hrefFor?: (value: StatusValues[A]) => Href;
  /** What is counted, for screen readers. */
  noun?: string;
};

type Segment = { id: string; tone: Tone; count: number };

/** Neighbours of one tone join, so that calm stays one calm stretch. */
function segmentsOf(present: readonly Segment[]): Segment[] {
  const joined: Segment[] = [];
  for (const next of present) {
    const last = joined.at(-1);
    if (last?.tone === next.tone) last.count += next.count;
    else joined.push({ ...next });
  }
  return joined;
}

/** One axis over a whole fleet: a 6 px stacked bar and, under it, every status that occurs with its count. */
export function StatusBar<A extends StatusAxis>({ axis, counts, hrefFor, noun = 'devices' }: StatusBarProps<A>) {
  const values = statusValues(axis).filter((value) => (counts[value] ?? 0) > 0);
  const present = values.map((value) => {
    return { id: value, tone: statusEntry(axis, value).tone, count: counts[value] ?? 0 };
  });
  if (present.length === 0) return <p className={classes.none}>{`no ${noun}`}</p>;
  return (
    <>
      <div className={classes.bar} aria-hidden="true">
        {segmentsOf(present).map((segment) => (
          <i key={segment.id} data-tone={segment.tone} style={{ flex: `${segment.count} 0 0` }} />
        ))}
      </div>
      <ul className={classes.counts}>
        {values.map((value) => {
          const line = (
            <>
              <Status {...({ axis, value } as AxisValue)} />
              <b>{formatCount(counts[value])}</b>
            </>
          );
          return <li key={value}>{hrefFor ? <Link href={hrefFor(value)}>{line}</Link> : line}</li>;
        })}
      </ul>
    </>
  );
}
