import type { Unit } from '../ui/format.ts';

/** One bucket of a series. `value` is null, or the point is missing, where nothing was measured. */
export type Point = {
  /** Start of the bucket, ms since the epoch. */
  t: number;
  value: number | null;
  /** Extremes inside the bucket, kept by the server so that spikes survive. */
  min?: number;
  max?: number;
  /** How many samples the value stands for. */
  n?: number;
};

/** One line. Its colour belongs to `id`, which is the same on every page. */
export type Series = {
  id: string;
  label: string;
  /** Overrides the colour of the id, for lines of one entity (p50, p95, p99). */
  color?: string;
  /** Drawn pale, behind the line that matters. */
  isPale?: boolean;
  points: readonly Point[];
};

/** How loud a marker, a threshold or a stretch is. */
export type ChartTone = 'quiet' | 'attention' | 'critical';

/** A moment worth a line: a deployment, an alert. */
export type Marker = { t: number; label: string; tone: ChartTone };

/** A limit across the plot, in the unit of the data. */
export type Threshold = { value: number; label: string; tone: ChartTone };

/** What is filled: each line's own extremes, or the room between two lines, named by their ids. */
export type Band = 'extremes' | { from: string; to: string };

/** A chart's data and range, before it is prepared. */
export type ChartInput = {
  unit: Unit;
  series: readonly Series[];
  stepMs: number;
  from: number;
  to: number;
  band?: Band | undefined;
  thresholds?: readonly Threshold[] | undefined;
  yDomain?: readonly [number, number] | undefined;
};
