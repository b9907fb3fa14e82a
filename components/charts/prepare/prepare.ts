import { entityColor } from '../../ui/entity-color.ts';
import { formatNumber, scaleFor } from '../../ui/format.ts';
import type { ChartInput, ChartTone, Point, Series } from '../types.ts';
import { type Buckets, bucketsOf, gapsOf, placePoints } from './rows.ts';
import { type Scale, scaleAround, scaleFixed } from './scale.ts';

/** Lines beyond this number cannot be told apart; the chart says how many it leaves out. */
export const MAX_SERIES = 8;

/** What the renderer draws for one bucket: a value or null per line, its unfinished tail, and filled stretches. */
export type Row = { t: number; [key: string]: number | null | [number, number] };

/** One line, ready to draw. `at` finds its sample in a bucket, in the chart's unit. */
export type Line = {
  id: string;
  label: string;
  color: string;
  isPale: boolean;
  key: string;
  tailKey: string;
  at: (bucket: number) => { value: number; n: number | undefined } | undefined;
  /** The last finished value; old when buckets after it stayed empty. */
  latest: { value: number; isOld: boolean } | null;
  /** Single samples with nothing on either side, which no line shows. */
  lone: { t: number; value: number }[];
};

/** A chart, ready to draw: everything decided, nothing left to compute but pixels. */
export type Prepared = {
  unit: string;
  buckets: Buckets;
  rows: Row[];
  lines: Line[];
  fills: { key: string; color: string }[];
  gaps: { from: number; to: number }[];
  scale: Scale;
  limits: { value: number; label: string; tone: ChartTone; isOffScale: boolean }[];
  /** Series given, of which at most `MAX_SERIES` are drawn. */
  total: number;
  format: (value: number) => string;
};

type Placed = Map<number, Point & { value: number }>;

function extent(placed: readonly Placed[], withExtremes: boolean): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const points of placed) {
    for (const point of points.values()) {
      low = Math.min(low, withExtremes ? (point.min ?? point.value) : point.value);
      high = Math.max(high, withExtremes ? (point.max ?? point.value) : point.value);
    }
  }
  return low <= high ? [low, high] : null;
}

/** What a value in a unit hardly ever exceeds: an axis of shares ends at the whole. */
const MOST: Partial<Record<string, number>> = { '%': 100 };

/**
 * Decimals that tell values apart on an axis with steps of this size: one more than its ticks have, and for a small value two digits that
 * count, because beside the peak that stretched the axis 0.64 and 0.56 are not the same; three at most.
 */
function valueDigits(scale: Scale, value: number): number {
  const size = Math.abs(value);
  const counting = size > 0 && size < 1 ? 1 - Math.floor(Math.log10(size)) : 0;
  return Math.min(3, Math.max(scale.digits + 1, counting));
}

function prepareLine(
  series: Series,
  index: number,
  points: Placed,
  buckets: Buckets,
  factor: number,
  unfinished: number,
): Line {
  const known = [...points.keys()].sort((a, b) => a - b);
  const finished = known.filter((bucket) => bucket !== unfinished).at(-1) ?? known.at(-1);
  const last = finished === undefined ? undefined : points.get(finished);
  return {
    id: series.id,
    label: series.label,
    color: series.color ?? entityColor(series.id),
    isPale: series.isPale ?? false,
    key: `s${index}`,
    tailKey: `t${index}`,
    at: (bucket) => {
      const point = points.get(bucket);
      return point && { value: point.value * factor, n: point.n };
    },
    latest:
      last && finished !== undefined ? { value: last.value * factor, isOld: buckets.count - 1 - finished > 2 } : null,
    lone: known
      .filter((bucket) => !points.has(bucket - 1) && !points.has(bucket + 1))
      .map((bucket) => ({
        t: buckets.first + bucket * buckets.stepMs,
        value: (points.get(bucket)?.value ?? 0) * factor,
      })),
  };
}

/**
 * Decides everything about a chart but its pixels: the unit, which series are drawn and in which colour, where lines
 * break, which bucket is unfinished, the axis. A bucket without a sample stays empty; nothing is interpolated.
 */
export function prepareChart(input: ChartInput, intervals: number): Prepared {
  const drawn = input.series.slice(0, MAX_SERIES);
  const buckets = bucketsOf(drawn, input.stepMs, input.from, input.to);
  const placed = drawn.map((series) => placePoints(series.points, buckets));
  const hasExtremes = input.band === 'extremes';
  const data = extent(placed, hasExtremes);
  const [low, high] = data ?? [0, 1];
  const { factor, unit } = scaleFor(Math.max(Math.abs(low), Math.abs(high)), input.unit);

  const reach = high - low || Math.abs(high) || 1;
  const limits = (input.thresholds ?? []).map((limit) => ({
    ...limit,
    value: limit.value * factor,
    isOffScale: limit.value > high + reach || limit.value < low - reach,
  }));
  const near = limits.filter((limit) => !limit.isOffScale).map((limit) => limit.value);
  const scale = input.yDomain
    ? scaleFixed(input.yDomain[0] * factor, input.yDomain[1] * factor, intervals)
    : scaleAround(Math.min(low * factor, ...near), Math.max(high * factor, ...near), intervals, MOST[unit]);

  const unfinished = buckets.first + buckets.count * buckets.stepMs > input.to ? buckets.count - 1 : -1;
  const lines = drawn.map((series, i) => prepareLine(series, i, placed[i] ?? new Map(), buckets, factor, unfinished));
  const fills = hasExtremes ? lines.map((line) => ({ key: `b_${line.key}`, color: line.color })) : [];
  const between = typeof input.band === 'object' ? input.band : undefined;
  const lower = lines.find((line) => line.id === between?.from);
  const upper = lines.find((line) => line.id === between?.to);
  if (lower && upper) fills.push({ key: 'between', color: upper.color });

  const rows = Array.from({ length: buckets.count }, (_, bucket): Row => {
    const row: Row = { t: buckets.first + bucket * buckets.stepMs };
    lines.forEach((line, i) => {
      const value = line.at(bucket)?.value ?? null;
      row[line.key] = bucket === unfinished ? null : value;
      if (bucket >= unfinished - 1 && unfinished !== -1) row[line.tailKey] = value;
      const point = placed[i]?.get(bucket);
      if (hasExtremes && point)
        row[`b_${line.key}`] = [(point.min ?? point.value) * factor, (point.max ?? point.value) * factor];
    });
    const [a, b] = [lower?.at(bucket), upper?.at(bucket)];
    if (a && b) row.between = [a.value, b.value];
    return row;
  });

  const present = rows.map((_, bucket) => placed.some((points) => points.has(bucket)));
  return {
    unit,
    buckets,
    rows,
    lines,
    fills,
    gaps: gapsOf(present, buckets),
    scale,
    limits,
    total: input.series.length,
    format: (value) => formatNumber(value, valueDigits(scale, value)),
  };
}

/** Whether there is anything to draw. */
export function isEmptyChart(prepared: Prepared): boolean {
  return prepared.lines.every((line) => line.latest === null);
}
