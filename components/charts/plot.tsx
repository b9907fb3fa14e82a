'use client';

import { Area, ComposedChart, Line, XAxis, YAxis } from 'recharts';
import classes from './plot.module.css';
import type { Prepared } from './prepare/prepare.ts';
import { percent, useTimeTicks } from './time-axis.tsx';
import type { Marker } from './types.ts';

type PlotProps = { prepared: Prepared; from: number; to: number; height: number; markers: readonly Marker[] };

/** Opacity of a line that stands behind, of an unfinished bucket, and of a filled stretch. */
const PALE = 0.5;
const FILL = 0.12;

/** Straight lines without dots or motion: what Recharts draws. Everything around them is ours. */
function Lines({ prepared, from, to, height }: Omit<PlotProps, 'markers'>) {
  const { rows, lines, fills, scale } = prepared;
  const still = {
    type: 'linear',
    isAnimationActive: false,
    connectNulls: false,
    activeDot: false,
    dot: false,
  } as const;
  const inOrder = [...lines].sort((a, b) => Number(b.isPale) - Number(a.isPale));
  return (
    <ComposedChart
      responsive
      data={rows}
      margin={{ top: 0, right: 0, bottom: 0, left: 0 }}
      style={{ width: '100%', height }}
      accessibilityLayer={false}
    >
      <XAxis dataKey="t" type="number" domain={[from, to]} hide allowDataOverflow />
      <YAxis type="number" domain={[scale.min, scale.max]} hide allowDataOverflow />
      {fills.map((fill) => (
        <Area key={fill.key} {...still} dataKey={fill.key} stroke="none" fill={fill.color} fillOpacity={FILL} />
      ))}
      {inOrder.map((line) => (
        <Line
          key={line.key}
          {...still}
          dataKey={line.key}
          stroke={line.color}
          strokeWidth={line.isPale ? 1.1 : 1.6}
          strokeOpacity={line.isPale ? PALE : 1}
        />
      ))}
      {inOrder.map((line) => (
        <Line
          key={line.tailKey}
          {...still}
          dataKey={line.tailKey}
          stroke={line.color}
          strokeWidth={1.2}
          strokeOpacity={PALE}
          strokeDasharray="2 2"
        />
      ))}
    </ComposedChart>
  );
}

/** A plot: grid, gaps, lines, limits, markers and the ticks at its right. */
export function Plot({ prepared, from, to, height, markers }: PlotProps) {
  const { scale, gaps, limits, lines } = prepared;
  const { ticks } = useTimeTicks(from, to);
  const top = (value: number) => `${(1 - (value - scale.min) / (scale.max - scale.min)) * 100}%`;
  const shown = markers.filter((marker) => marker.t >= from && marker.t <= to);
  return (
    <div className={classes.layers} aria-hidden="true">
      {scale.ticks.map((tick) => (
        <i key={tick} className={classes.row} style={{ top: top(tick) }} />
      ))}
      {ticks.map((tick) => (
        <i key={tick} className={classes.column} style={{ left: percent(tick, from, to) }} />
      ))}
      {gaps.map((gap) => (
        <i
          key={gap.from}
          className={classes.gap}
          style={{
            left: percent(Math.max(gap.from, from), from, to),
            right: `calc(100% - ${percent(Math.min(gap.to, to), from, to)})`,
          }}
        />
      ))}
      <Lines prepared={prepared} from={from} to={to} height={height} />
      {lines.flatMap((line) =>
        line.lone.map((point) => (
          <i
            key={`${line.key}${point.t}`}
            className={classes.lone}
            style={{ left: percent(point.t, from, to), top: top(point.value), background: line.color }}
          />
        )),
      )}
      {limits.map((limit) => (
        <i
          key={limit.label}
          className={classes.limit}
          data-tone={limit.tone}
          data-off={limit.isOffScale}
          style={{ top: limit.isOffScale ? 0 : top(limit.value) }}
        >
          <b>{limit.isOffScale ? `${limit.label}, off this scale` : limit.label}</b>
        </i>
      ))}
      {shown.map((marker) => (
        <i
          key={`${marker.t}${marker.label}`}
          className={classes.marker}
          data-tone={marker.tone}
          style={{ left: percent(marker.t, from, to) }}
        />
      ))}
      {scale.ticks.map((tick) => (
        <span key={tick} className={classes.tick} style={{ top: top(tick) }}>
          {tick.toLocaleString('en-US', { minimumFractionDigits: scale.digits, maximumFractionDigits: scale.digits })}
        </span>
      ))}
    </div>
  );
}
