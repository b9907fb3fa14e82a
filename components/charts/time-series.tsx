'use client';

import { type ReactNode, useContext, useMemo, useState } from 'react';
import { formatNumber, type Unit } from '../ui/format.ts';
import { ChartTable } from './chart-table.tsx';
import { Crosshair } from './crosshair.tsx';
import { Flags } from './flags.tsx';
import { Frame, Legend } from './frame.tsx';
import { Plot } from './plot.tsx';
import { isEmptyChart, type Prepared, prepareChart } from './prepare/prepare.ts';
import { StackContext } from './stack-context.ts';
import { TableToggle } from './table-toggle.tsx';
import { TimeAxis } from './time-axis.tsx';
import classes from './time-series.module.css';
import type { Band, Marker, Series, Threshold } from './types.ts';

type TimeSeriesProps = {
  title: string;
  unit: Unit;
  /** Source or scope after the unit: "by ina3221". */
  note?: string;
  series: readonly Series[];
  /** Width of a bucket; a missing bucket breaks the line. */
  stepMs: number;
  from: number;
  to: number;
  markers?: readonly Marker[];
  thresholds?: readonly Threshold[];
  band?: Band;
  yDomain?: readonly [number, number];
  /** Plot height in px: 172 for the chart that matters, 72 to 96 for the others. */
  height?: number;
  legend?: 'side' | 'top';
  /** What a sample counts, for the tooltip: "inferences". */
  countNoun?: string;
  /** What the chart shows, in one sentence, for people who do not see it. */
  summary: string;
  /** Instead of an empty box: why there is nothing, and what brings data. */
  empty?: ReactNode;
  /** A drag over the plot chose this range. */
  onRangeChange?: (from: number, to: number) => void;
};

/** Pixels between two ticks of the y axis. */
const TICK_PX = 42;

const NO_MARKERS: readonly Marker[] = [];

function unitNote(unit: string, note: string | undefined): string {
  return [unit, note].filter(Boolean).join(', ');
}

function legendEntries(prepared: Prepared) {
  return prepared.lines.map((line) => ({
    id: line.id,
    label: line.label,
    color: line.isPale ? `color-mix(in oklab, ${line.color} 55%, var(--sheet))` : line.color,
    value: line.latest ? prepared.format(line.latest.value) : 'no data',
    isOld: line.latest?.isOld ?? true,
  }));
}

/** Lines over time: straight, broken where nothing was measured, with limits, markers and a crosshair for the page. */
export function TimeSeries(props: TimeSeriesProps) {
  const { title, unit, note, series, stepMs, from, to, thresholds, band, yDomain, height = 96, summary } = props;
  const stack = useContext(StackContext);
  const [isOwnTable, setOwnTable] = useState(false);
  const prepared = useMemo(
    () =>
      prepareChart(
        { unit, series, stepMs, from, to, band, thresholds, yDomain },
        Math.max(2, Math.round(height / TICK_PX)),
      ),
    [unit, series, stepMs, from, to, band, thresholds, yDomain, height],
  );
  const markers = props.markers ?? stack?.markers ?? NO_MARKERS;
  const isEmpty = isEmptyChart(prepared);
  const isTable = stack?.isTable ?? isOwnTable;
  const hidden = prepared.total - prepared.lines.length;

  const legend = (
    <Legend
      title={title}
      note={unitNote(prepared.unit, note)}
      entries={isEmpty ? [] : legendEntries(prepared)}
      end={
        <>
          {hidden > 0 && (
            <p className={classes.cap}>{`${prepared.lines.length} of ${formatNumber(prepared.total, 0)} shown`}</p>
          )}
          {!stack && !isEmpty && <TableToggle isTable={isTable} onToggle={() => setOwnTable(!isTable)} of={title} />}
        </>
      }
    />
  );

  return (
    <figure className={classes.figure}>
      <figcaption className={classes.said}>{summary}</figcaption>
      <Frame legend={legend} {...(props.legend && { place: props.legend })}>
        {isTable && !isEmpty ? (
          <ChartTable title={title} prepared={prepared} />
        ) : (
          <>
            {!stack && !isEmpty && <Flags markers={markers} from={from} to={to} />}
            <div className={classes.plot} style={{ height }}>
              {isEmpty ? (
                <div className={classes.empty}>
                  {props.empty ??
                    'Nothing was measured in this time. Choose a longer range, or wait for the next window.'}
                </div>
              ) : (
                <>
                  <Plot prepared={prepared} from={from} to={to} height={height} markers={markers} />
                  <Crosshair
                    prepared={prepared}
                    from={from}
                    to={to}
                    countNoun={props.countNoun}
                    onRangeChange={props.onRangeChange ?? stack?.onRangeChange}
                  />
                </>
              )}
            </div>
            {!stack && !isEmpty && <TimeAxis from={from} to={to} />}
          </>
        )}
      </Frame>
    </figure>
  );
}
