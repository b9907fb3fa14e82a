import { join } from 'node:path';
import { listNames, readNumber, readText } from '../sys-file.ts';
import type { PowerReader } from './reading.ts';

/** Rails that carry the whole board on NVIDIA's modules; others are parts of them. */
const WHOLE_BOARD = new Set(['VDD_IN', 'POM_5V_IN']);

type Rail = { label: string; watts: number };

/** INA3221 power monitor (Jetson): the board's input rail, else all rails, by the hwmon driver or by that of JetPack 4. */
export function createIna3221(sysfs: string): PowerReader {
  const devices = join(sysfs, 'bus/i2c/devices');
  return {
    source: 'ina3221',
    async read() {
      const rails: Rail[] = [];
      for (const device of await listNames(devices, /./)) {
        if ((await readText(join(devices, device, 'name')))?.includes('ina3221') !== true) continue;
        for (const hwmon of await listNames(join(devices, device, 'hwmon'), /^hwmon\d+$/)) {
          rails.push(...(await readRails(join(devices, device, 'hwmon', hwmon))));
        }
        for (const iio of await listNames(join(devices, device), /^iio:device\d+$/))
          rails.push(...(await readIioRails(join(devices, device, iio))));
      }
      const whole = rails.find(({ label }) => WHOLE_BOARD.has(label));
      if (whole) return { watts: whole.watts };
      return rails.length === 0 ? null : { watts: rails.reduce((sum, { watts }) => sum + watts, 0) };
    },
  };
}

/** Channels 1 to 3; the kernel's 7th is the sum of shunt voltages, and "NC" is a rail that is not connected. */
async function readRails(dir: string): Promise<Rail[]> {
  const rails: Rail[] = [];
  for (const channel of [1, 2, 3]) {
    const label = await readText(join(dir, `in${channel}_label`));
    const milliVolts = await readNumber(join(dir, `in${channel}_input`));
    const milliAmps = await readNumber(join(dir, `curr${channel}_input`));
    if (!label || label.includes('NC') || milliVolts === null || milliAmps === null) continue;
    rails.push({ label, watts: (milliVolts * milliAmps) / 1e6 });
  }
  return rails;
}

/** NVIDIA's own driver of JetPack 4: channels 0 to 2, and milliwatts as the chip's driver has them. */
async function readIioRails(dir: string): Promise<Rail[]> {
  const rails: Rail[] = [];
  for (const channel of [0, 1, 2]) {
    const label = await readText(join(dir, `rail_name_${channel}`));
    const milliWatts = await readNumber(join(dir, `in_power${channel}_input`));
    if (!label || label.includes('NC') || milliWatts === null) continue;
    rails.push({ label, watts: milliWatts / 1000 });
  }
  return rails;
}
