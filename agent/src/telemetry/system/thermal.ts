import { join } from 'node:path';
import { listNames, readNumber, readText } from '../sys-file.ts';

/** Outside of this a sensor is broken or not connected. */
const PLAUSIBLE_C = { low: -40, high: 150 };

/** The hottest thermal zone in °C; undefined without one. */
export async function readTempC(sysfs: string): Promise<number | undefined> {
  const zones = join(sysfs, 'class/thermal');
  const temps = [];
  for (const zone of await listNames(zones, /^thermal_zone\d+$/)) {
    const milliC = await readNumber(join(zones, zone, 'temp'));
    const tempC = milliC === null ? Number.NaN : milliC / 1000;
    if (tempC > PLAUSIBLE_C.low && tempC < PLAUSIBLE_C.high) temps.push(tempC);
  }
  return temps.length === 0 ? undefined : Math.max(...temps);
}

/** Bits of the Raspberry Pi's firmware that hold now: under-voltage, capped, throttled, soft temperature limit. */
const PI_NOW_BITS = 0xf;

/** Was the processor slowed down since the last call, for heat or for lack of power? undefined where nothing tells. */
export function createThrottled(sysfs: string): () => Promise<boolean | undefined> {
  let lastCount: number | null = null;
  return async () => {
    const pi = await readText(join(sysfs, 'devices/platform/soc/soc:firmware/get_throttled'));
    if (pi !== null) return (Number.parseInt(pi, 16) & PI_NOW_BITS) !== 0;
    const count = await countThrottles(join(sysfs, 'devices/system/cpu'));
    const before = lastCount;
    lastCount = count;
    return count === null ? undefined : before !== null && count > before;
  };
}

async function countThrottles(cpus: string): Promise<number | null> {
  let sum: number | null = null;
  for (const cpu of await listNames(cpus, /^cpu\d+$/)) {
    const count = await readNumber(join(cpus, cpu, 'thermal_throttle/core_throttle_count'));
    if (count !== null) sum = (sum ?? 0) + count;
  }
  return sum;
}
