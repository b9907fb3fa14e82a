import { DAY_MS, type DaysOf } from './days.ts';
import type { Span } from './store-spans.ts';

/** Of PostgreSQL's memory for pages more than there is: an empty page costs less than one that another must leave first. */
const WARM_UP = 1_200_000;

/** Stored by a process before it measures anything: its code is compiled meanwhile. */
const BEFORE_MEASURED = 200_000;

/** Windows that are stored before those that a run asks for. */
export const STORED_BEFORE = WARM_UP + BEFORE_MEASURED;

/** A window every 15 s. */
const FULL_DAY = DAY_MS / 15_000;

export type PlanOptions = { fromMs: number; days: number; rows: number; measured: number };

/** What is stored, part after part; the days of `copied`, numbers from `from` to before `to`, are copies of the day before each. */
export type Plan = {
  warmUp: Span[];
  first: Span[];
  copied: { from: number; to: number; perDay: number };
  between: Span[];
  last: Span[];
  fullDay: Span[];
};

/**
 * `rows` windows or a few more, evenly over days and devices; `measured` of them are measured at each end. Before them a day of its own, which
 * the first process to measure anything goes on with, and last one device whose last day is full, whatever the others have.
 */
export function planOf(fleet: Pick<DaysOf, 'organizationId' | 'deviceIds' | 'boot'>, options: PlanOptions): Plan {
  const { fromMs, rows, measured } = options;
  const devices = fleet.deviceIds.length;
  const [perDeviceBefore, perDeviceDay] = [
    Math.ceil(STORED_BEFORE / devices),
    Math.ceil(rows / options.days / devices),
  ];
  const before: DaysOf = { ...fleet, startMs: fromMs - DAY_MS, perDeviceDay: perDeviceBefore, firstSeq: 1 };
  const days: DaysOf = { ...fleet, startMs: fromMs, perDeviceDay, firstSeq: 1 + perDeviceBefore * devices };
  const perDay = perDeviceDay * devices;
  const [end, lastFrom] = [options.days * perDay, options.days * perDay - measured];
  const firstDays = Math.ceil(measured / perDay);
  const lastBegins = Math.max(firstDays * perDay, lastFrom - BEFORE_MEASURED);
  const copiedTo = Math.floor(lastBegins / perDay);
  const fullDay: DaysOf = {
    ...{ ...fleet, deviceIds: fleet.deviceIds.slice(0, 1), perDeviceDay: FULL_DAY },
    ...{ startMs: fromMs + (options.days - 1) * DAY_MS + 1, firstSeq: days.firstSeq + end },
  };
  return {
    warmUp: [unmeasured(before, 0, WARM_UP)],
    first: [
      unmeasured(before, WARM_UP, perDeviceBefore * devices),
      { days, from: 0, to: measured, isMeasured: true },
      unmeasured(days, measured, firstDays * perDay),
    ],
    copied: { from: firstDays, to: copiedTo, perDay },
    between: [unmeasured(days, copiedTo * perDay, lastBegins)],
    last: [unmeasured(days, lastBegins, lastFrom), { days, from: lastFrom, to: end, isMeasured: true }],
    fullDay: [unmeasured(fullDay, 0, FULL_DAY)],
  };
}

const unmeasured = (days: DaysOf, from: number, to: number): Span => ({ days, from, to, isMeasured: false });
