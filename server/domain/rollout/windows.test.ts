import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFrom, Window, windowAt } from './windows.ts';

const window = (cron: string, minutes: number, timeZone = 'UTC') => Window.parse({ cron, minutes, timeZone });
const at = (moment: string) => new Date(moment);
const stateAt = (of: Window, moment: string) => {
  const state = windowAt(of, at(moment));
  return state.isOpen ? `open until ${state.until.toISOString()}` : `opens at ${state.opensAt.toISOString()}`;
};

describe('a window', () => {
  const nightly = window('0 2 * * *', 90);
  it.each([
    ['is open from its first moment', '2026-03-03T02:00:00Z', 'open until 2026-03-03T03:30:00.000Z'],
    ['is open to its last moment', '2026-03-03T03:29:59.999Z', 'open until 2026-03-03T03:30:00.000Z'],
    ['is closed at its end, until the next day', '2026-03-03T03:30:00Z', 'opens at 2026-03-04T02:00:00.000Z'],
    ['is closed a moment before it opens', '2026-03-03T01:59:59.999Z', 'opens at 2026-03-03T02:00:00.000Z'],
  ])('%s', (_, moment, says) => expect(stateAt(nightly, moment)).toBe(says));

  it('that lasts over midnight is open on the day after', () => {
    expect(stateAt(window('30 23 * * *', 60), '2026-03-04T00:10:00Z')).toBe('open until 2026-03-04T00:30:00.000Z');
  });

  it('of working days waits over the weekend', () => {
    expect(stateAt(window('0 22 * * 1-5', 60), '2026-03-06T23:30:00Z')).toBe('opens at 2026-03-09T22:00:00.000Z');
  });

  it('that opens again before it closes has no gap', () => {
    const always = window('0 * * * *', 60);
    for (const minute of ['00', '30', '59'])
      expect(windowAt(always, at(`2026-03-03T05:${minute}:59.999Z`)).isOpen).toBe(true);
  });

  it('is where its time zone is', () => {
    expect(stateAt(window('0 2 * * *', 60, 'Asia/Kolkata'), '2026-03-03T20:45:00Z')).toBe(
      'open until 2026-03-03T21:30:00.000Z',
    );
    expect(stateAt(window('0 2 * * *', 60, 'America/New_York'), '2026-01-15T07:15:00Z')).toBe(
      'open until 2026-01-15T08:00:00.000Z',
    );
  });
});

describe('summer time', () => {
  const oslo = (cron: string, minutes: number) => window(cron, minutes, 'Europe/Oslo');

  it('keeps the hour of the clock on the wall, not that of UTC', () => {
    const early = oslo('0 4 * * *', 60);
    expect(stateAt(early, '2026-03-28T00:00:00Z')).toBe('opens at 2026-03-28T03:00:00.000Z');
    expect(stateAt(early, '2026-03-29T00:00:00Z')).toBe('opens at 2026-03-29T02:00:00.000Z');
    expect(stateAt(early, '2026-10-25T00:00:00Z')).toBe('opens at 2026-10-25T03:00:00.000Z');
  });

  it('that skips the opening hour does not skip the night: it opens when the clock has jumped', () => {
    const skipped = oslo('30 2 * * *', 60);
    const state = windowAt(skipped, at('2026-03-29T00:00:00Z'));
    expect(state.isOpen).toBe(false);
    const opensAt = openFrom(skipped, at('2026-03-29T00:00:00Z')).getTime();
    expect(opensAt).toBeGreaterThanOrEqual(at('2026-03-29T01:00:00Z').getTime());
    expect(opensAt).toBeLessThanOrEqual(at('2026-03-29T01:30:00Z').getTime());
  });

  it('that repeats the opening hour opens once, for as long as it says', () => {
    const repeated = oslo('30 2 * * *', 60);
    const openMinutes = Array.from({ length: 6 * 60 }, (_, minute) =>
      windowAt(repeated, new Date(at('2026-10-24T22:00:00Z').getTime() + minute * 60_000)),
    ).filter(({ isOpen }) => isOpen).length;
    expect(openMinutes).toBe(60);
  });

  it('does not shorten or stretch a window that lasts over the change', () => {
    expect(stateAt(oslo('0 1 * * *', 180), '2026-03-29T01:30:00Z')).toBe('open until 2026-03-29T03:00:00.000Z');
    expect(stateAt(oslo('0 1 * * *', 180), '2026-10-25T00:30:00Z')).toBe('open until 2026-10-25T02:00:00.000Z');
  });
});

describe('a window is refused', () => {
  it.each([
    ['with an unknown time zone', { cron: '0 2 * * *', minutes: 60, timeZone: 'Mars/Olympus' }],
    ['with six fields', { cron: '0 0 2 * * *', minutes: 60 }],
    ['when it never comes', { cron: '0 0 30 2 *', minutes: 60 }],
    ['when it is no cron', { cron: 'every night', minutes: 60 }],
    ['on the last day of a month, which devices do not read', { cron: '0 2 L * *', minutes: 60 }],
    ['on the nearest working day, which devices do not read', { cron: '0 2 15W * *', minutes: 60 }],
    ['on the second Monday, which devices do not read', { cron: '0 2 * * MON#2', minutes: 60 }],
    ['by a name for a pattern, which devices do not read', { cron: '@daily', minutes: 60 }],
    ['when it lasts no minute', { cron: '0 2 * * *', minutes: 0 }],
    ['when it lasts longer than a day', { cron: '0 2 * * *', minutes: 1_441 }],
  ])('%s', (_, given) => expect(Window.safeParse(given).success).toBe(false));
});

it('says in a sentence which patterns are read', () => {
  const { error } = Window.safeParse({ cron: '@daily', minutes: 60 });
  expect(error?.issues[0]?.message).toContain('devices read');
});

it('whatever the zone and the moment, it opens at a moment at which it is open, and not before', () => {
  const zones = ['UTC', 'Europe/Oslo', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo'];
  const moment = fc.date({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z'), noInvalidDate: true });
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 1, max: 1_440 }),
      moment,
      (timeZone, hour, minutes, from) => {
        const given = window(`15 ${hour} * * *`, minutes, timeZone);
        const opens = openFrom(given, from);
        expect(opens.getTime()).toBeGreaterThanOrEqual(from.getTime());
        expect(windowAt(given, opens).isOpen).toBe(true);
        if (opens > from) expect(windowAt(given, new Date(opens.getTime() - 1)).isOpen).toBe(false);
        expect(opens.getTime() - from.getTime()).toBeLessThanOrEqual(25 * 3_600_000);
      },
    ),
    { numRuns: 300 },
  );
});

it('no window is always open', () => {
  expect(openFrom(null, at('2026-03-03T00:00:00Z'))).toEqual(at('2026-03-03T00:00:00Z'));
});
