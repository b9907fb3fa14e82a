import { join } from 'node:path';
import { listNames, readNumber, readText } from '../sys-file.ts';
import type { PowerReader } from './reading.ts';

/** Rails that carry the whole board on NVIDIA's modules; others are parts of them. */
const WHOLE_BOARD = new Set(['VDD_IN', 'POM_5V_IN']);

/** INA3221 power monitor (Jetson): mV × mA of the board's input rail, else of all rails. */
export function createIna3221(sysfs: string): PowerReader {
  const devices = join(sysfs, 'bus/i2c/devices');
  return {
    source: 'ina3221',
    async read() {
      const rails: { label: string; watts: number }[] = [];
      for (const device of await listNames(devices, /./)) {
        if ((await readText(join(devices, device, 'name')))?.includes('ina3221') !== true) continue;
        for (const hwmon of await listNames(join(devices, device, 'hwmon'), /^hwmon\d+$/)) {
          rails.push(...(await readRails(join(devices, device, 'hwmon', hwmon))));
        }
      }
      const whole = rails.find(({ label }) => WHOLE_BOARD.has(label));
      if (whole) return { watts: whole.watts };
      return rails.length === 0 ? null : { watts: rails.reduce((sum, { watts }) => sum + watts, 0) };
    },
  };
}

/** Channels 1 to 3; the kernel's 7th is the sum of shunt voltages, and "NC" is a rail that is not connected. */
async function readRails(dir: string) {
  const rails = [];
  for (const channel of [1, 2, 3]) {
    const label = await readText(join(dir, `in${channel}_label`));
    const milliVolts = await readNumber(join(dir, `in${channel}_input`));
    const milliAmps = await readNumber(join(dir, `curr${channel}_input`));
    if (!label || label.includes('NC') || milliVolts === null || milliAmps === null) continue;
    rails.push({ label, watts: (milliVolts * milliAmps) / 1e6 });
  }
  return rails;
}
