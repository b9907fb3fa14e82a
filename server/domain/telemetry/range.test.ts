import { expect, test } from 'vitest';
import { coarsestFor, stepFor } from './range.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const to = new Date('2026-11-21T12:00:00Z');
const need = { points: 240, windowS: 15, devices: 1, fleetDevices: 1 };

test.each([
  ['an hour of one device by the window', HOUR, {}, 15_000],
  ['a day of one device by six minutes, rounded to ten', DAY, {}, 10 * MINUTE],
  ['a month of the fleet by hours', 30 * DAY, { fleetDevices: 10_000 }, 4 * HOUR],
  [
    'a month of a hundred devices by the day: by the hour it is 72,000 rows',
    30 * DAY,
    { devices: 100, fleetDevices: 100 },
    DAY,
  ],
  [
    'an hour of ten thousand devices by the minute: by the window it is 2.4 million rows',
    HOUR,
    { fleetDevices: 10_000 },
    MINUTE,
  ],
])('%s', (_, spanMs, changes, stepMs) => {
  expect(stepFor({ ...need, ...changes, from: new Date(to.getTime() - spanMs), to })).toBe(stepMs);
});

test.each([
  ['2026-11-21T00:00:00Z', DAY, 'day'],
  ['2026-11-21T01:00:00Z', DAY, 'hour'],
  ['2026-11-21T01:00:00Z', 3 * HOUR, 'hour'],
  ['2026-11-21T01:01:00Z', 2 * HOUR, 'minute'],
  ['2026-11-21T01:00:30Z', MINUTE, undefined],
  ['2026-11-21T01:00:00Z', 15_000, undefined],
])('a grid from %s by %i ms is answered by %s', (from, stepMs, name) => {
  expect(coarsestFor(new Date(from), stepMs)?.name).toBe(name);
});
