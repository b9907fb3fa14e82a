import { describe, expect, test } from 'vitest';
import { batteryOutlook, idleShare, type PowerSample } from './power-outlook.ts';

const start = Date.UTC(2026, 0, 1);
const at = (minute: number, batteryPct: number | null): PowerSample => ({
  at: new Date(start + minute * 60_000),
  batteryPct,
  energyJ: null,
  idleEnergyJ: null,
});
const every = (minutes: number, pctAt: (minute: number) => number) =>
  Array.from({ length: minutes + 1 }, (_, minute) => at(minute, pctAt(minute)));

describe('how long a battery lasts', () => {
  test('12 % an hour from 74 %: a little over six hours, though it reports whole percents', () => {
    const outlook = batteryOutlook(every(30, (minute) => Math.round(80 - minute * 0.2)));
    expect(outlook?.pct).toBe(74);
    expect(outlook?.pctPerHour).toBeCloseTo(-12, 0);
    expect(outlook?.hoursLeft).toBeCloseTo(74 / 12, 0);
  });

  test('the newest sample counts, in whatever order they come', () => {
    const samples = every(30, (minute) => 80 - minute);
    expect(batteryOutlook([...samples].reverse())).toEqual(batteryOutlook(samples));
  });

  test.each([
    ['it charges', every(30, (minute) => 50 + minute), 60],
    ['it stays', every(30, () => 50), 0],
  ])('no end is in sight while %s', (_, samples, rate) => {
    const outlook = batteryOutlook(samples);
    expect(outlook?.pctPerHour).toBeCloseTo(rate, 5);
    expect(outlook?.hoursLeft).toBeNull();
  });

  test.each([
    ['no battery', [at(0, null), at(30, null)]],
    ['nothing', []],
    ['nine minutes', every(9, (minute) => 80 - minute)],
  ])('nothing is claimed of %s', (_, samples) => expect(batteryOutlook(samples)).toBeNull());
});

test('the idle share is of the energy whose idle part is known', () => {
  const window = { at: new Date(start), batteryPct: null };
  expect(
    idleShare([
      { ...window, energyJ: 30, idleEnergyJ: 12 },
      { ...window, energyJ: 10, idleEnergyJ: 4 },
      { ...window, energyJ: 500, idleEnergyJ: null },
    ]),
  ).toBeCloseTo(0.4);
  expect(idleShare([{ ...window, energyJ: 5, idleEnergyJ: null }])).toBeNull();
  expect(idleShare([{ ...window, energyJ: 5, idleEnergyJ: 9 }])).toBe(1);
});
