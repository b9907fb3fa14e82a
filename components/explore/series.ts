import type { Metric } from '@/server/domain/telemetry/metrics.ts';
import type { Explored, ExploreLine, ExploreMark } from '@/server/queries/explore.ts';
import type { Marker, Series } from '../charts/types.ts';

/** The lines of one metric's chart, in the order of the page's lines. */
export function seriesOf({ lines, series }: Pick<Explored, 'lines' | 'series'>, metric: Metric): Series[] {
  return lines.map(({ key, id, label }) => ({
    id,
    label,
    points: series.find((each) => each.key === key && each.metric === metric)?.points ?? [],
  }));
}

const MARK_WORDS: Record<string, Pick<Marker, 'label' | 'tone'>> = {
  start: { label: 'starts', tone: 'quiet' },
  pause: { label: 'paused', tone: 'attention' },
  'roll-back': { label: 'rolled back', tone: 'critical' },
  abort: { label: 'aborted', tone: 'attention' },
  finish: { label: 'done', tone: 'quiet' },
};

/** Moments of rollouts, as flags over the charts. */
export function markersOf(marks: readonly ExploreMark[]): Marker[] {
  return marks.flatMap(({ at, kind, rolloutName }) => {
    const words = MARK_WORDS[kind];
    return words ? [{ t: at.getTime(), tone: words.tone, label: `${rolloutName} ${words.label}` }] : [];
  });
}

/** One line of the table of the whole range: its value of each metric, and how it differs from the first line. */
export type WholeRow = ExploreLine & { values: { metric: Metric; value: number | null; base: number | null }[] };

export function wholeRows({ lines, whole }: Pick<Explored, 'lines' | 'whole'>, metrics: readonly Metric[]): WholeRow[] {
  const wholeOf = (line: ExploreLine | undefined, metric: Metric) =>
    whole.find((each) => each.key === line?.key && each.metric === metric)?.value ?? null;
  return lines.map((line, index) => ({
    ...line,
    values: metrics.map((metric) => ({
      metric,
      value: wholeOf(line, metric),
      base: index === 0 ? null : wholeOf(lines[0], metric),
    })),
  }));
}

/**
 * Everything that is drawn, as CSV (RFC 4180): a row a bucket, line and metric. A text that a spreadsheet would run as a formula is
 * quoted with an apostrophe.
 */
export function csvOf({ lines, series }: Pick<Explored, 'lines' | 'series'>): string {
  const rows = series.flatMap(({ key, metric, points }) => {
    const line = lines.find((each) => each.key === key);
    return points.map(({ t, value, n }) => [new Date(t).toISOString(), line?.label ?? '', metric, value ?? '', n]);
  });
  const head = ['bucket_start', 'line', 'metric', 'value', 'observations'];
  return `${[head, ...rows].map((row) => row.map(csvField).join(',')).join('\r\n')}\r\n`;
}

function csvField(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
