import { type Resolution, resolutions } from './rollup.ts';

/** Points that one series may have: more than a screen has pixels for gains nothing. */
export const MAX_POINTS = 1_000;

/** Bucket lengths that read well on an axis, in seconds. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** Stored rows that one query may add up: about 150 ms of work. */
const MAX_ROWS = 20_000;

export type StepNeed = {
  from: Date;
  to: Date;
  points: number;
  windowS: number;
  /** Devices whose own rows are read; 1 where the fleet's rows answer, which only rollups have. */
  devices: number;
  /** Devices in the fleet, whose windows are read where the step is too short for rollups. */
  fleetDevices: number;
};

/**
 * The shortest readable bucket that gives at most `points` of them, none shorter than a window, and that is answered from at most
 * {@link MAX_ROWS} stored rows. Milliseconds.
 */
export function stepFor({ from, to, points, windowS, devices, fleetDevices }: StepNeed): number {
  const spanS = (to.getTime() - from.getTime()) / 1000;
  const wanted = Math.max(spanS / Math.min(points, MAX_POINTS), windowS);
  const rowsAt = (step: number) => {
    const resolution = coarsestFor(new Date(0), step * 1000);
    return resolution ? (devices * spanS * 1000) / resolution.ms : (fleetDevices * spanS) / windowS;
  };
  const step = steps.find((each) => each >= wanted && rowsAt(each) <= MAX_ROWS);
  return (step ?? Math.ceil(wanted / 86_400) * 86_400) * 1000;
}

/** The coarsest rollup whose buckets fill those of a grid from `from` by `stepMs`; null when only the windows are fine enough. */
export function coarsestFor(from: Date, stepMs: number): Resolution | null {
  return resolutions.findLast(({ ms }) => stepMs % ms === 0 && from.getTime() % ms === 0) ?? null;
}

/** The start of the bucket grid: aligned to the epoch, so that two charts of one page share their buckets. */
export function alignDown(at: Date, stepMs: number): Date {
  return new Date(Math.floor(at.getTime() / stepMs) * stepMs);
}
