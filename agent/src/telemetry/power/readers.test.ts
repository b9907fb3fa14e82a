import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBoard } from '../../facts/device-facts.ts';
import { createThrottled, readTempC } from '../system/thermal.ts';
import { createBattery, readBatteryPct } from './battery.ts';
import { boardWattsOf, estimateWatts } from './estimate.ts';
import { createHwmon } from './hwmon.ts';
import { createIna3221 } from './ina3221.ts';
import { createPmic, wattsOfPmic } from './pmic.ts';
import { createRapl } from './rapl.ts';

const fixtures = join(import.meta.dirname, '../fixtures');
const tree = (board: string) => join(fixtures, board);
let copy: string;
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'flotilla-sysfs-'));
});
afterEach(() => rmSync(copy, { recursive: true }));

test('a Jetson with an input rail: that rail alone, not the sum with its parts', async () => {
  expect(await createIna3221(tree('jetson-orin-nano')).read()).toEqual({ watts: 5.064 * 0.896 });
});

test('a Jetson without one: the sum of the connected rails of all its monitors', async () => {
  const reading = await createIna3221(tree('jetson-agx-xavier')).read();
  expect(reading).toEqual({ watts: expect.closeTo(19.072 * 0.04 + 19.072 * 0.088 + 19.04 * 0.144, 6) });
});

test('a Jetson of JetPack 4 with an input rail, and one without', async () => {
  expect(await createIna3221(tree('jetson-nano-jetpack4')).read()).toEqual({ watts: 2.374 });
  expect(await createIna3221(tree('jetson-nx-jetpack4')).read()).toEqual({ watts: expect.closeTo(1.54, 6) });
});

test('RAPL counts the package, and goes on counting when the counter wraps around', async () => {
  cpSync(tree('intel-nuc'), copy, { recursive: true });
  const counter = join(copy, 'class/powercap/intel-rapl:0/energy_uj');
  const rapl = createRapl(copy);
  expect(await rapl.read()).toEqual({ joulesSoFar: 0 });
  writeFileSync(counter, '262143300000\n');
  expect(await rapl.read()).toEqual({ joulesSoFar: expect.closeTo(0.3, 6) });
  writeFileSync(counter, '1000000\n');
  expect(await rapl.read()).toEqual({ joulesSoFar: expect.closeTo(0.3 + 0.02885 + 1, 6) });
});

test('a power monitor on hwmon in watts; a chip that has none is not one', async () => {
  expect(await createHwmon(tree('raspberry-pi-4-ina219')).read()).toEqual({ watts: 3.42 });
});

test('a battery says the power while it discharges, by power or by current and voltage, and nothing on mains', async () => {
  expect(await createBattery(tree('laptop-discharging')).read()).toEqual({ watts: 7.215 });
  expect(await createBattery(tree('tablet-current-only')).read()).toEqual({ watts: expect.closeTo(3.176544, 6) });
  expect(await createBattery(tree('laptop-on-mains')).read()).toBeNull();
  expect(await readBatteryPct(tree('tablet-current-only'))).toBe(41);
  expect(await readBatteryPct(tree('intel-nuc'))).toBeUndefined();
});

test('a Raspberry Pi 5: volts times amps over the rails that have both', async () => {
  const text = readFileSync(join(fixtures, 'pi5-pmic.txt'), 'utf8');
  expect(wattsOfPmic(text)).toBeCloseTo(2.05, 1);
  expect(wattsOfPmic('vcgencmd: command not found')).toBeNull();
});

test('the Pi 5 command is run at most once a second, and never again when it is not there', async () => {
  let runs = 0;
  let nowMs = 0;
  const text = readFileSync(join(fixtures, 'pi5-pmic.txt'), 'utf8');
  const pmic = createPmic(
    async () => (++runs ? text : ''),
    () => nowMs,
  );
  for (nowMs = 0; nowMs < 2_500; nowMs += 100) expect(await pmic.read()).not.toBeNull();
  expect(runs).toBe(3);
  let tries = 0;
  const missing = createPmic(
    () => Promise.reject(new Error(`no ${++tries}`)),
    () => nowMs,
  );
  for (let n = 0; n < 3; n++) expect(await missing.read()).toBeNull();
  expect(tries).toBe(1);
});

test('where there is no sensor every reader says so, and none says zero', async () => {
  for (const create of [createIna3221, createRapl, createHwmon, createBattery]) {
    expect(await create(copy).read()).toBeNull();
  }
});

test('the estimate lies between idle and full, by the board', () => {
  const pi = boardWattsOf('Raspberry Pi 5 Model B Rev 1.0', 4);
  expect([0, 0.5, 1, 7].map((share) => estimateWatts(pi, share))).toEqual([2.7, 5.6, 8.5, 8.5]);
  expect(boardWattsOf(undefined, 2)).toEqual({ idleWatts: 6, fullWatts: 16 });
});

test('temperature is the hottest plausible zone', async () => {
  expect(await readTempC(tree('jetson-orin-nano'))).toBe(49.062);
  expect(await readTempC(copy)).toBeUndefined();
});

test('throttling: the Pi by its firmware now, a PC when its counters have grown, others not at all', async () => {
  expect(await createThrottled(tree('raspberry-pi-4-ina219'))()).toBe(true);
  cpSync(tree('intel-nuc'), copy, { recursive: true });
  const isThrottled = createThrottled(copy);
  expect(await isThrottled()).toBe(false);
  writeFileSync(join(copy, 'devices/system/cpu/cpu1/thermal_throttle/core_throttle_count'), '13\n');
  expect(await isThrottled()).toBe(true);
  expect(await isThrottled()).toBe(false);
  expect(await createThrottled(tree('laptop-on-mains'))()).toBeUndefined();
});

test('boards are named by their device tree or their firmware', async () => {
  expect(await readBoard(tree('raspberry-pi-4-ina219'))).toBe('Raspberry Pi 4 Model B Rev 1.4');
  expect(await readBoard(tree('intel-nuc'))).toBe('Intel(R) Client Systems NUC11PAHi5');
  expect(await readBoard(copy)).toBeUndefined();
});
