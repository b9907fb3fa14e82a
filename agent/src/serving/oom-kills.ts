import { join } from 'node:path';
import { readTextNow } from '../telemetry/sys-file.ts';

/** Processes that the kernel has killed for want of memory since it started, in any control group; null where it does not say. */
export function countOomKills(procfs: string): number | null {
  const count = /^oom_kill (\d+)$/m.exec(readTextNow(join(procfs, 'vmstat')) ?? '')?.[1];
  return count === undefined ? null : Number(count);
}
