'use client';

import { useContext } from 'react';
import { formatDuration } from '../ui/format.ts';
import { formatMoment } from '../ui/time.tsx';
import { Frame } from './frame.tsx';
import { StackContext } from './stack-context.ts';
import classes from './state-timeline.module.css';
import { useHover, useHoverStore } from './sync.tsx';
import { percent, TimeAxis } from './time-axis.tsx';

/** One stretch of a row. `tone` colours a state, `color` an entity such as a version. */
export type Stretch = {
  from: number;
  to: number;
  label: string;
  tone?: 'base' | 'unknown' | 'attention' | 'critical' | 'progress';
  color?: string;
};

type StateTimelineProps = {
  rows: readonly { id: string; label: string; stretches: readonly Stretch[] }[];
  from: number;
  to: number;
};

/** States over time as coloured stretches, on the same axis and crosshair as the charts above. */
export function StateTimeline({ rows, from, to }: StateTimelineProps) {
  const stack = useContext(StackContext);
  const hover = useHover(useHoverStore());
  const line = hover && hover.t >= from && hover.t <= to ? percent(hover.t, from, to) : undefined;
  if (stack?.isTable) return <TimelineTable rows={rows} />;
  return (
    <div className={classes.timeline}>
      {rows.map((row) => (
        <Frame key={row.id} isThin legend={<h3 className={classes.label}>{row.label}</h3>}>
          <ol className={classes.bands} aria-label={row.label}>
            {row.stretches
              .filter((each) => each.to > from && each.from < to)
              .map((each) => (
                <Band key={each.from} stretch={each} from={from} to={to} />
              ))}
            {line !== undefined && <i className={classes.line} style={{ left: line }} />}
          </ol>
        </Frame>
      ))}
      {!stack && (
        <Frame isThin legend={null}>
          <TimeAxis from={from} to={to} />
        </Frame>
      )}
    </div>
  );
}

function Band({ stretch, from, to }: { stretch: Stretch; from: number; to: number }) {
  const start = Math.max(stretch.from, from);
  const width = percent(from + Math.min(stretch.to, to) - start, from, to);
  const said = `${stretch.label} for ${formatDuration(stretch.to - stretch.from)}`;
  return (
    <li
      className={classes.band}
      data-tone={stretch.color === undefined ? (stretch.tone ?? 'base') : 'entity'}
      style={{
        left: percent(start, from, to),
        width: `calc(${width} - 1px)`,
        ...(stretch.color !== undefined && { '--entity': stretch.color }),
      }}
      title={said}
    >
      <span aria-hidden="true">{stretch.label}</span>
      <span className={classes.said}>{said}</span>
    </li>
  );
}

function TimelineTable({ rows }: Pick<StateTimelineProps, 'rows'>) {
  return (
    <dl className={classes.table}>
      {rows.flatMap((row) =>
        row.stretches.map((each) => (
          <div key={`${row.id}${each.from}`}>
            <dt>{row.label}</dt>
            <dd>{`${each.label}, from ${formatMoment(each.from, 'datetime')} for ${formatDuration(each.to - each.from)}`}</dd>
          </div>
        )),
      )}
    </dl>
  );
}
