'use client';

import { type ReactNode, useMemo, useState } from 'react';
import classes from './chart-stack.module.css';
import { Flags } from './flags.tsx';
import { Frame } from './frame.tsx';
import { StackContext } from './stack-context.ts';
import { TableToggle } from './table-toggle.tsx';
import { TimeAxis } from './time-axis.tsx';
import type { Marker } from './types.ts';

type ChartStackProps = {
  /** What the charts are of, for the "as table" button: "press-07". */
  of: string;
  from: number;
  to: number;
  markers?: readonly Marker[];
  /** What to see in all of them together, in one sentence, under the axis. */
  summary?: string;
  onRangeChange?: (from: number, to: number) => void;
  /** `TimeSeries`, `LatencyChart` and `StateTimeline`, all over the same range. */
  children: ReactNode;
};

const NO_MARKERS: readonly Marker[] = [];

/** Several charts over one time axis: flags on top, the axis at the bottom, one switch to tables. */
export function ChartStack({ of, from, to, markers = NO_MARKERS, summary, onRangeChange, children }: ChartStackProps) {
  const [isTable, setTable] = useState(false);
  const stack = useMemo(() => ({ markers, isTable, onRangeChange }), [markers, isTable, onRangeChange]);
  return (
    <StackContext value={stack}>
      <div className={classes.head}>
        <TableToggle isTable={isTable} onToggle={() => setTable(!isTable)} of={of} />
      </div>
      {!isTable && (
        <Frame isThin legend={null}>
          <Flags markers={markers} from={from} to={to} />
        </Frame>
      )}
      {children}
      <Frame isThin legend={null}>
        {!isTable && <TimeAxis from={from} to={to} />}
        {summary !== undefined && <p className={classes.summary}>{summary}</p>}
      </Frame>
    </StackContext>
  );
}
