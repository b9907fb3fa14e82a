import { join } from 'node:path';
import { listNames, readNumber, readText } from '../sys-file.ts';
import type { PowerReader } from './reading.ts';

/** Chips whose power is not the board's: batteries and mains adapters have a reader of their own, graphics is a part. */
const NOT_THE_BOARD = /^(amdgpu|nouveau|BAT|AC|ucsi)/;

/** A power monitor on the board (INA219, INA226, INA260 …): `power*_input` in µW, summed. */
export function createHwmon(sysfs: string): PowerReader {
  const chips = join(sysfs, 'class/hwmon');
  return {
    source: 'hwmon',
    async read() {
      let watts: number | null = null;
      for (const chip of await listNames(chips, /^hwmon\d+$/)) {
        if (NOT_THE_BOARD.test((await readText(join(chips, chip, 'name'))) ?? '')) continue;
        for (const file of await listNames(join(chips, chip), /^power\d+_input$/)) {
          const microWatts = await readNumber(join(chips, chip, file));
          if (microWatts !== null) watts = (watts ?? 0) + microWatts / 1e6;
        }
      }
      return watts === null ? null : { watts };
    },
  };
}
