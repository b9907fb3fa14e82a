'use client';

import { parseAsInteger, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useClockText } from '../ui/use-now.ts';

/** The ranges that charts offer, up to now. */
export const RANGES = {
  '15m': { label: 'Last 15 minutes', short: '15 min', spanMs: 900_000 },
  '1h': { label: 'Last hour', short: '1 h', spanMs: 3_600_000 },
  '6h': { label: 'Last 6 hours', short: '6 h', spanMs: 21_600_000 },
  '24h': { label: 'Last 24 hours', short: '24 h', spanMs: 86_400_000 },
  '7d': { label: 'Last 7 days', short: '7 d', spanMs: 604_800_000 },
} as const;
export type RangeKey = keyof typeof RANGES;
export const RANGE_KEYS = ['15m', '1h', '6h', '24h', '7d'] as const satisfies readonly RangeKey[];

/** Younger than this, all there is fits into the shortest range. */
const YOUNG_MS = RANGES['15m'].spanMs;

/** A zoom narrower than this shows nothing more. */
const MIN_ZOOM_MS = 30_000;

/** The moving end of a range goes on in steps of about a pixel's worth, and at least this long. */
const MIN_TICK_MS = 5_000;
const TICKS_PER_RANGE = 240;

/** A page's time range, kept in the address: one of the ranges up to now, or the stretch that a drag chose. */
export type ChartRange = {
  key: RangeKey;
  from: number;
  to: number;
  isZoomed: boolean;
  setKey: (key: RangeKey) => void;
  zoom: (from: number, to: number) => void;
  unzoom: () => void;
};

const PARSERS = {
  range: parseAsStringLiteral(RANGE_KEYS),
  from: parseAsInteger,
  to: parseAsInteger,
};

/**
 * The page's time range. Unless the address says one, it is the last hour, and the last quarter of it for what there is only
 * `since` a few minutes: a new device shall not be a sliver at the right edge.
 */
export function useChartRange(since?: Date): ChartRange {
  const [{ range: chosen, from, to }, set] = useQueryStates(PARSERS, { history: 'push' });
  const isYoung = useClockText((nowMs) => String(since !== undefined && nowMs - since.getTime() < YOUNG_MS)) === 'true';
  const range = chosen ?? (isYoung ? '15m' : '1h');
  const { spanMs } = RANGES[range];
  const tickMs = Math.max(MIN_TICK_MS, Math.round(spanMs / TICKS_PER_RANGE));
  const end = Number(useClockText((nowMs) => String(Math.floor(nowMs / tickMs) * tickMs)));
  const isZoomed = from !== null && to !== null && to > from;
  return {
    key: range,
    from: isZoomed ? from : end - spanMs,
    to: isZoomed ? to : end,
    isZoomed,
    setKey: (key) => void set({ range: key, from: null, to: null }),
    zoom: (start, stop) => void set({ from: start, to: Math.max(stop, start + MIN_ZOOM_MS) }),
    unzoom: () => void set({ from: null, to: null }),
  };
}
