'use client';

import { parseAsInteger, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useCallback } from 'react';
import { useClockText } from '../ui/use-now.ts';

/** Ranges that end now. */
export const presets = ['15m', '1h', '6h', '24h', '7d'] as const;
export type Preset = (typeof presets)[number];

const MINUTE_MS = 60_000;

const SPAN_MS: Record<Preset, number> = {
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '6h': 360 * MINUTE_MS,
  '24h': 1440 * MINUTE_MS,
  '7d': 10_080 * MINUTE_MS,
};

/** A live range moves on in steps of this share of its length, so that the axis does not creep; at least a few seconds. */
const STEPS = 240;
const MIN_STEP_MS = 5000;

const parsers = {
  range: parseAsStringLiteral(presets).withDefault('1h'),
  from: parseAsInteger,
  to: parseAsInteger,
};

/** A page's time range: the last hour unless the address says another, or a stretch that somebody chose. */
export type TimeRange = {
  from: number;
  to: number;
  /** Null for a chosen stretch, which does not move. */
  preset: Preset | null;
  setPreset: (preset: Preset) => void;
  /** A stretch of a chart: milliseconds since the epoch. */
  setRange: (from: number, to: number) => void;
};

/** The page's time range, kept in the address: sharing the link shares what is seen. */
export function useTimeRange(): TimeRange {
  const [state, setState] = useQueryStates(parsers, { history: 'push' });
  const isFixed = state.from !== null && state.to !== null && state.from < state.to;
  const spanMs = SPAN_MS[state.range];
  const stepMs = Math.max(MIN_STEP_MS, spanMs / STEPS);
  const end = Number(useClockText((nowMs) => String(Math.ceil(nowMs / stepMs) * stepMs)));
  const setPreset = useCallback(
    (range: Preset) => void setState({ range: range === '1h' ? null : range, from: null, to: null }),
    [setState],
  );
  const setRange = useCallback((from: number, to: number) => void setState({ from, to }), [setState]);
  return {
    from: isFixed ? (state.from ?? 0) : end - spanMs,
    to: isFixed ? (state.to ?? 0) : end,
    preset: isFixed ? null : state.range,
    setPreset,
    setRange,
  };
}
