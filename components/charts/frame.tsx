import type { ReactNode } from 'react';
import classes from './frame.module.css';

type FrameProps = {
  /** The column at the left: title, unit, current values. Above the plot on a phone. */
  legend: ReactNode;
  /** `top` puts the legend above the plot on every width, for two charts side by side. */
  place?: 'side' | 'top';
  /** A thin row of a timeline. */
  isThin?: boolean;
  children: ReactNode;
};

/** The grid every chart of a page stands on: a legend of 120 px, the plot, a gutter of 30 px for its ticks. */
export function Frame({ legend, place = 'side', isThin, children }: FrameProps) {
  return (
    <div className={classes.box}>
      <div className={classes.frame} data-place={place} data-thin={isThin}>
        <div className={classes.legend}>{legend}</div>
        <div className={classes.plot}>{children}</div>
      </div>
    </div>
  );
}

/** One line of a legend. */
export type LegendEntry = { id: string; label: string; color: string; value: string; isOld?: boolean };

type LegendProps = {
  title: string;
  /** Unit and source, grey under the title: "W, by ina3221". */
  note?: string;
  entries: readonly LegendEntry[];
  end?: ReactNode;
};

/** A chart's title, unit and current values. */
export function Legend({ title, note, entries, end }: LegendProps) {
  return (
    <>
      <h3 className={classes.title}>
        {title} {note !== undefined && note !== '' && <span>{note}</span>}
      </h3>
      <dl className={classes.entries}>
        {entries.map((entry) => (
          <div key={entry.id} className={classes.entry}>
            <dt>
              <i className={classes.key} style={{ background: entry.color }} />
              {entry.label}
            </dt>
            <dd data-old={entry.isOld}>{entry.value}</dd>
          </div>
        ))}
      </dl>
      {end}
    </>
  );
}
