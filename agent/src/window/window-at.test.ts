import { Cron } from 'croner';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowAt } from './window-at.ts';

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
const timeZone = fc.constantFrom('UTC', 'Europe/Oslo', 'America/New_York', 'Asia/Kolkata', 'Pacific/Chatham');

test('opens when the library by which the server plans says so, on a thousand patterns', () => {
  const moment = fc.integer({ min: at('2025-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') });
  fc.assert(
    fc.property(cron, timeZone, moment, fc.integer({ min: 1, max: 1_440 }), (pattern, zone, now, minutes) => {
      const from = new Date(now - minutes * 60_000);
      const expected = new Cron(pattern, { timezone: zone, mode: '5-part', paused: true }).nextRun(from)?.getTime();
      const state = windowAt({ cron: pattern, timeZone: zone, minutes }, now);
      const opensAt = state.isOpen ? state.untilMs - minutes * 60_000 : state.opensAtMs;
      expect(new Date(opensAt).toISOString()).toBe(new Date(expected ?? 0).toISOString());
    }),
    { numRuns: 1_000 },
  );
});
