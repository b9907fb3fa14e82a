'use client';

import { type PointerEvent, useId, useRef, useState } from 'react';
import { formatCount, NBSP } from '../ui/format.ts';
import classes from './crosshair.module.css';
import type { Prepared } from './prepare/prepare.ts';
import { useHover, useHoverStore } from './sync.tsx';
import { clockText, percent } from './time-axis.tsx';

type CrosshairProps = {
  prepared: Prepared;
  from: number;
  to: number;
  /** What a sample counts, for the tooltip: "inferences". */
  countNoun: string | undefined;
  onRangeChange: ((from: number, to: number) => void) | undefined;
};

/** A drag shorter than this many pixels is a click. */
const MIN_DRAG_PX = 8;

/** Takes the pointer over a plot: shares the hovered bucket with the page, shows its values, and zooms on a drag. */
export function Crosshair({ prepared, from, to, countNoun, onRangeChange }: CrosshairProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const store = useHoverStore();
  const hover = useHover(store);
  const [drag, setDrag] = useState<{ start: number; end: number } | null>(null);
  const { first, stepMs, count } = prepared.buckets;

  function timeAt(event: PointerEvent): number {
    const rect = box.current?.getBoundingClientRect();
    const share = rect ? (event.clientX - rect.left) / rect.width : 0;
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  }

  function onMove(event: PointerEvent) {
    const t = timeAt(event);
    const bucket = Math.min(count - 1, Math.max(0, Math.round((t - first) / stepMs)));
    store.set({ t: first + bucket * stepMs, owner: id });
    if (drag) setDrag({ ...drag, end: t });
  }

  function onUp(event: PointerEvent) {
    const width = box.current?.getBoundingClientRect().width ?? 1;
    if (drag && (Math.abs(drag.end - drag.start) / (to - from)) * width > MIN_DRAG_PX) {
      onRangeChange?.(Math.round(Math.min(drag.start, drag.end)), Math.round(Math.max(drag.start, drag.end)));
    }
    setDrag(null);
    if (event.pointerType !== 'mouse') store.set(null);
  }

  const isInside = hover !== null && hover.t >= from && hover.t <= to;
  return (
    <div
      ref={box}
      className={classes.pointer}
      data-zooms={onRangeChange !== undefined}
      onPointerMove={onMove}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        onMove(event);
        if (!onRangeChange || event.pointerType !== 'mouse') return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ start: timeAt(event), end: timeAt(event) });
      }}
      onPointerUp={onUp}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => store.set(null)}
    >
      {drag && (
        <i
          className={classes.zoom}
          style={{
            left: percent(Math.min(drag.start, drag.end), from, to),
            width: percent(from + Math.abs(drag.end - drag.start), from, to),
          }}
        />
      )}
      {isInside && (
        <Reading
          prepared={prepared}
          t={hover.t}
          left={percent(hover.t, from, to)}
          isRight={hover.t - from < (to - from) / 2}
          hasTip={hover.owner === id && !drag}
          countNoun={countNoun}
        />
      )}
    </div>
  );
}

type ReadingProps = {
  prepared: Prepared;
  t: number;
  left: string;
  isRight: boolean;
  hasTip: boolean;
  countNoun: string | undefined;
};

/** The line at the hovered moment, a mark on each measured value, and in the pointer's own chart the values. */
function Reading({ prepared, t, left, isRight, hasTip, countNoun }: ReadingProps) {
  const { buckets, scale, lines, unit } = prepared;
  const bucket = Math.round((t - buckets.first) / buckets.stepMs);
  const samples = lines.flatMap((line) => {
    const sample = line.at(bucket);
    return sample ? [{ line, ...sample }] : [];
  });
  const byValue = [...samples].sort((a, b) => b.value - a.value);
  const counted = samples.find((sample) => sample.n !== undefined)?.n;
  return (
    <>
      <i className={classes.line} style={{ left }} />
      {samples.map(({ line, value }) => (
        <i
          key={line.key}
          className={classes.mark}
          style={{
            left,
            top: `${(1 - (value - scale.min) / (scale.max - scale.min)) * 100}%`,
            background: line.color,
            opacity: line.isPale ? 0.6 : 1,
          }}
        />
      ))}
      {hasTip && (
        <div className={classes.tip} data-right={isRight} style={{ left }}>
          <p>
            <b>{`${clockText(t, buckets.stepMs)} to ${clockText(t + buckets.stepMs, buckets.stepMs)}`}</b>
            {counted !== undefined && countNoun !== undefined && ` ${formatCount(counted)} ${countNoun}`}
          </p>
          {byValue.length === 0 ? (
            <p>no data</p>
          ) : (
            <dl>
              {byValue.map(({ line, value }) => (
                <div key={line.key}>
                  <dt>
                    <i style={{ background: line.color, opacity: line.isPale ? 0.5 : 1 }} />
                    {line.label}
                  </dt>
                  <dd>{`${prepared.format(value)}${unit === '' ? '' : `${NBSP}${unit}`}`}</dd>
                </div>
              ))}
            </dl>
          )}
        </div>
      )}
    </>
  );
}
