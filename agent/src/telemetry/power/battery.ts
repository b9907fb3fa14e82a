import { join } from 'node:path';
import { listNames, readNumber, readText } from '../sys-file.ts';
import type { PowerReader } from './reading.ts';

async function batteriesIn(sysfs: string): Promise<string[]> {
  const supplies = join(sysfs, 'class/power_supply');
  const paths = (await listNames(supplies, /./)).map((name) => join(supplies, name));
  const types = await Promise.all(paths.map((path) => readText(join(path, 'type'))));
  return paths.filter((_, at) => types[at] === 'Battery');
}

/** What the batteries give: `power_now` in µW, or µA × µV. Only while discharging: on mains they say nothing of the board. */
export function createBattery(sysfs: string): PowerReader {
  return {
    source: 'battery',
    async read() {
      let watts: number | null = null;
      for (const path of await batteriesIn(sysfs)) {
        if ((await readText(join(path, 'status'))) !== 'Discharging') continue;
        const power = await readNumber(join(path, 'power_now'));
        const current = await readNumber(join(path, 'current_now'));
        const voltage = await readNumber(join(path, 'voltage_now'));
        const product = current === null || voltage === null ? null : (Math.abs(current) * voltage) / 1e12;
        const given = power === null ? product : Math.abs(power) / 1e6;
        if (given !== null) watts = (watts ?? 0) + given;
      }
      return watts === null ? null : { watts };
    },
  };
}

/** Charge in per cent, averaged over the batteries; undefined without one. */
export async function readBatteryPct(sysfs: string): Promise<number | undefined> {
  const paths = await batteriesIn(sysfs);
  const levels = await Promise.all(paths.map((path) => readNumber(join(path, 'capacity'))));
  const known = levels.filter((each) => each !== null && each >= 0 && each <= 100) as number[];
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0) / known.length;
}
