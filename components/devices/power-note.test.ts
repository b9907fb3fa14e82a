import { expect, test } from 'vitest';
import { batteryText, idleNote, powerNote } from './power-note.ts';

const plain = (text: string | null) => text?.replaceAll('\u00a0', ' ') ?? null;

test.each([
  [[], null],
  [['ina3221'], 'by ina3221'],
  [['estimate'], 'an estimate'],
  [['rapl', 'estimate'], 'by rapl and estimates'],
])('power from %j is %s', (sources, words) => expect(powerNote(sources)).toBe(words));

test.each([
  [{ pct: 71, pctPerHour: -12, hoursLeft: 5.9 }, '71 %, about 6 h left at this rate'],
  [{ pct: 3, pctPerHour: -50, hoursLeft: 0.06 }, '3 %, about 15 min left at this rate'],
  [{ pct: 90, pctPerHour: -2, hoursLeft: 45.2 }, '90 %, about 1 d 21 h left at this rate'],
  [{ pct: 40, pctPerHour: 20, hoursLeft: null }, '40 %, charging'],
  [{ pct: 100, pctPerHour: 0, hoursLeft: null }, '100 %, holding'],
])('%j reads %s', (outlook, words) => expect(plain(batteryText(outlook))).toBe(words));

test('the idle share is whole percents, and absent when it is not known', () => {
  expect(plain(idleNote(0.384))).toBe('38 % of it idle');
  expect(idleNote(null)).toBeNull();
});
