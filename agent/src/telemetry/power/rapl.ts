import { join } from 'node:path';
import { listNames, readNumber, readText } from '../sys-file.ts';
import type { PowerReader } from './reading.ts';

/**
 * Intel and AMD RAPL: the packages' energy counters in µJ, which wrap around at `max_energy_range_uj`. A package leaves out
 * disks, screens and the power supply's loss; `psys`, where it exists, is the whole platform and is taken alone.
 */
export function createRapl(sysfs: string): PowerReader {
  const zones = join(sysfs, 'class/powercap');
  const last = new Map<string, number>();
  let joulesSoFar = 0;
  return {
    source: 'rapl',
    isOfInterval: true,
    async read() {
      const names = await listNames(zones, /^intel-rapl:\d+$/);
      const kinds = await Promise.all(names.map((name) => readText(join(zones, name, 'name'))));
      const psys = names[kinds.indexOf('psys')];
      const wanted = psys === undefined ? names : [psys];
      let isRead = false;
      for (const name of wanted) {
        const now = await readNumber(join(zones, name, 'energy_uj'));
        if (now === null) continue;
        const before = last.get(name) ?? now;
        const range = (await readNumber(join(zones, name, 'max_energy_range_uj'))) ?? 0;
        joulesSoFar += (now >= before ? now - before : now + range - before) / 1e6;
        last.set(name, now);
        isRead = true;
      }
      return isRead ? { joulesSoFar } : null;
    },
  };
}
