import { Cron } from 'croner';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCron } from './cron.ts';
import type { DesiredWindow } from './desired-state.ts';
import { windowAt } from './window-at.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const at = (text: string) => Date.parse(text);
const nightly = { cron: '0 2 * * *', timeZone: 'Europe/Oslo', minutes: 120 };

test.each([
  ['closed before it opens', nightly, '2026-07-01T23:59:59Z', { isOpen: false, opensAtMs: at('2026-07-02T00:00:00Z') }],
  [
    'open from its first millisecond',
    nightly,
    '2026-07-02T00:00:00Z',
    { isOpen: true, untilMs: at('2026-07-02T02:00:00Z') },
  ],
  ['open to its last', nightly, '2026-07-02T01:59:59.999Z', { isOpen: true, untilMs: at('2026-07-02T02:00:00Z') }],
  ['closed when it is over', nightly, '2026-07-02T02:00:00Z', { isOpen: false, opensAtMs: at('2026-07-03T00:00:00Z') }],
  [
    'an hour later by UTC in winter',
    nightly,
    '2026-01-01T12:00:00Z',
    { isOpen: false, opensAtMs: at('2026-01-02T01:00:00Z') },
  ],
  [
    'weekdays alone',
    { cron: '30 22 * * mon-fri', timeZone: 'UTC', minutes: 30 },
    '2026-11-20T23:00:00Z',
    { isOpen: false, opensAtMs: at('2026-11-23T22:30:00Z') },
  ],
  [
    'over midnight and the turn of the year',
    { cron: '0 23 31 12 *', timeZone: 'UTC', minutes: 180 },
    '2027-01-01T01:59:00Z',
    { isOpen: true, untilMs: at('2027-01-01T02:00:00Z') },
  ],
  [
    'the 29th of February',
    { cron: '0 0 29 2 *', timeZone: 'UTC', minutes: 1 },
    '2097-01-01T00:00:00Z',
    { isOpen: false, opensAtMs: at('2104-02-29T00:00:00Z') },
  ],
])('%s', (_name, window, now, state) => {
  expect(windowAt(window, at(now))).toEqual(state);
});

test.each(['* * * *', '60 * * * *', '0 2 * * mond', '0 2 30 2 *', '0 2 5-1 * *', '*/0 * * * *', '0 2 L * *'])(
  '"%s" is refused',
  (cron) => {
    expect(() => windowAt({ cron, timeZone: 'UTC', minutes: 5 }, at('2026-01-01T00:00:00Z'))).toThrow();
  },
);

test('a time zone that nobody knows is refused', () => {
  expect(() => windowAt({ ...nightly, timeZone: 'Mars/Olympus' }, 0)).toThrow(/Mars/);
});

const upTo = (low: number, high: number) => fc.integer({ min: low, max: high }).map(String);
const field = (low: number, high: number) =>
  fc.oneof(
    fc.constant('*'),
    upTo(low, high),
    fc.array(upTo(low, high), { minLength: 2, maxLength: 3 }).map((values) => values.join(',')),
    fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high })).map((pair) => {
      const [from, to] = pair.sort((a, b) => a - b);
      return `${from}-${to}`;
    }),
    fc.integer({ min: 2, max: 7 }).map((step) => `*/${step}`),
  );
const cron = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
  .map((fields) => fields.join(' '));
const zones = ['UTC', 'Europe/Oslo', 'America/New_York', 'Asia/Kolkata', 'Pacific/Chatham'];
const lengthMinutes = fc.integer({ min: 1, max: 1_440 });

function opening(window: DesiredWindow, now: number): string {
  const state = windowAt(window, now);
  return new Date(state.isOpen ? state.untilMs - window.minutes * MINUTE_MS : state.opensAtMs).toISOString();
}

test('opens when a library says so, on a thousand patterns', () => {
  const moment = fc.integer({ min: at('2025-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') });
  fc.assert(
    fc.property(cron, fc.constantFrom(...zones), moment, lengthMinutes, (pattern, timeZone, now, minutes) => {
      const opens = opening({ cron: pattern, timeZone, minutes }, now);
      // The library leaves out what a list names in an hour that is skipped: see the nights below.
      fc.pre(!isSetForwardNear(timeZone, at(opens)));
      const library = new Cron(pattern, { timezone: timeZone, mode: '5-part', paused: true });
      expect(opens).toBe(library.nextRun(new Date(now - minutes * MINUTE_MS))?.toISOString());
    }),
    { numRuns: 1_000 },
  );
});

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What the clock on the wall shows, as if it were UTC. */
function wallAt(timeZone: string, ms: number): number {
  const kept = clocks.get(timeZone);
  const format = kept ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  if (!kept) clocks.set(timeZone, format);
  return at(`${format.format(ms).replace(' ', 'T')}Z`);
}

function isSetForwardNear(timeZone: string, ms: number): boolean {
  const [before, after] = [ms - DAY_MS, ms + DAY_MS];
  return wallAt(timeZone, after) - wallAt(timeZone, before) > after - before;
}

/** The first start after a moment, as somebody finds it who looks at the clock every minute. */
function firstSeen({ cron: pattern, timeZone }: DesiredWindow, afterMs: number): string {
  const { minutes, hours, isDay, isFixed } = parseCron(pattern);
  const isMeant = (wall: number) => {
    const shown = new Date(wall);
    const [hour, minute] = [shown.getUTCHours(), shown.getUTCMinutes()];
    const isToday = isDay(shown.getUTCFullYear(), shown.getUTCMonth() + 1, shown.getUTCDate());
    return isToday && hours.includes(hour) && minutes.includes(minute);
  };
  const begin = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS - DAY_MS;
  let latest = wallAt(timeZone, begin - MINUTE_MS);
  for (let now = begin; now < begin + 10 * DAY_MS; now += MINUTE_MS) {
    const wall = wallAt(timeZone, now);
    let starts = !isFixed && isMeant(wall);
    for (let next = latest + MINUTE_MS; isFixed && next <= wall; next += MINUTE_MS) starts ||= isMeant(next);
    if (starts && now > afterMs) return new Date(now).toISOString();
    latest = Math.max(latest, wall);
  }
  return 'never seen';
}

test('"0 3,5 * * *" opens when a clock that was set forward over 03:00 goes on, and at 05:00', () => {
  const window = { cron: '0 3,5 * * *', timeZone: 'Pacific/Chatham', minutes: 30 };
  expect(opening(window, at('2028-09-23T13:00:00Z'))).toBe('2028-09-23T14:00:00.000Z');
  expect(opening(window, at('2028-09-23T14:30:00Z'))).toBe('2028-09-23T15:15:00.000Z');
});

/** Moments at which a clock is set: at night and over midnight, by an hour and by half of one. */
const changes = [
  ['Europe/Oslo', '2028-03-26T01:00:00Z'],
  ['Europe/Oslo', '2028-10-29T01:00:00Z'],
  ['Pacific/Chatham', '2028-04-01T14:00:00Z'],
  ['Pacific/Chatham', '2028-09-23T14:00:00Z'],
  ['Australia/Lord_Howe', '2027-04-03T15:00:00Z'],
  ['Australia/Lord_Howe', '2027-10-02T15:30:00Z'],
  ['America/Havana', '2028-03-12T05:00:00Z'],
  ['America/Havana', '2028-11-05T05:00:00Z'],
  ['Asia/Beirut', '2028-03-25T22:00:00Z'],
  ['Asia/Beirut', '2028-10-28T21:00:00Z'],
] as const;

test.each(changes)('opens in a night of %s as a clock that is looked at every minute says, %s', (timeZone, change) => {
  expect(wallAt(timeZone, at(change)) - wallAt(timeZone, at(change) - MINUTE_MS)).not.toBe(MINUTE_MS);
  const nightly = fc.tuple(field(0, 59), field(0, 5)).map((fields) => `${fields.join(' ')} * * *`);
  const moment = fc.integer({ min: at(change) - DAY_MS, max: at(change) + DAY_MS });
  fc.assert(
    fc.property(nightly, moment, lengthMinutes, (pattern, now, minutes) => {
      const window = { cron: pattern, timeZone, minutes };
      expect(opening(window, now)).toBe(firstSeen(window, now - minutes * MINUTE_MS));
    }),
    { numRuns: 100 },
  );
});
