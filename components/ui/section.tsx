import { type ReactNode, useId } from 'react';
import classes from './section.module.css';

type SectionProps = {
  title: ReactNode;
  /** One grey sentence that says what to see. */
  sentence?: ReactNode;
  /** Links or buttons at the right end of the head. */
  end?: ReactNode;
  /** In an aside column: hairline to the column's edges instead of the page's. */
  isNested?: boolean;
  children: ReactNode;
};

/** A stretch of the page under a hairline, as wide as the sheet. Sections never nest in boxes. */
export function Section({ title, sentence, end, isNested, children }: SectionProps) {
  const id = useId();
  return (
    <section className={classes.section} data-nested={isNested} aria-labelledby={id}>
      <SectionHead id={id} title={title} sentence={sentence} end={end} />
      {children}
    </section>
  );
}

type SectionHeadProps = { id?: string; title: ReactNode; sentence?: ReactNode; end?: ReactNode };

/** The head of a section alone, for a column of `Columns`. */
export function SectionHead({ id, title, sentence, end }: SectionHeadProps) {
  return (
    <div className={classes.head}>
      <h2 className={classes.title} id={id}>
        {title}
      </h2>
      {sentence !== undefined && <p className={classes.sentence}>{sentence}</p>}
      {end !== undefined && <div className={classes.end}>{end}</div>}
    </div>
  );
}

type ColumnsProps = {
  aside: ReactNode;
  /** `wide` is 400 px (overview, compare), `narrow` 330 (device, rollout). */
  width?: 'wide' | 'narrow';
  children: ReactNode;
};

/** Two columns under one hairline: a fluid one and an aside; one under the other below 1100 px. */
export function Columns({ aside, width = 'narrow', children }: ColumnsProps) {
  return (
    <div className={classes.columns} data-width={width}>
      <div className={classes.column}>{children}</div>
      <div className={classes.column}>{aside}</div>
    </div>
  );
}

/** A row of equal columns under one hairline, for the three status axes of a page. */
export function Axes({ children }: { children: ReactNode }) {
  return <div className={classes.axes}>{children}</div>;
}

type AxisProps = {
  title: string;
  /** A grey line under the status, aligned with its word. */
  note?: ReactNode;
  children: ReactNode;
};

/** One axis: its small grey title, then a `StatusBar` or a large `Status`. */
export function Axis({ title, note, children }: AxisProps) {
  const id = useId();
  return (
    <section className={classes.axis} aria-labelledby={id}>
      <h2 className={classes.axisTitle} id={id}>
        {title}
      </h2>
      {children}
      {note !== undefined && <p className={classes.note}>{note}</p>}
    </section>
  );
}
