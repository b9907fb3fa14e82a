import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A smaller machine than this one. `enter` confines a process before it makes a thread; null when it cannot be made here. */
export type SmallMachine = { name: string; enter: (pid: number) => void; remove: () => Promise<void> };

const PERIOD_US = 100_000;

export function wholeMachine(): SmallMachine {
  return { name: `${availableParallelism()} cores`, enter: () => {}, remove: async () => {} };
}

/** By affinity, as a board with one core. */
export function oneCore(): SmallMachine {
  const enter = (pid: number) => void execFileSync('taskset', ['-a', '-p', '-c', '0', String(pid)]);
  return { name: '1 core', enter, remove: async () => {} };
}

/** By quota, as a container or a service with a limit has it. Needs root, and control groups that may be written. */
export function quota(cores: number): SmallMachine | null {
  const name = `flotilla-bench-${process.pid}`;
  try {
    const v1 = existsSync('/sys/fs/cgroup/cpu/cpu.cfs_period_us');
    const dir = join('/sys/fs/cgroup', v1 ? 'cpu' : '', name);
    mkdirSync(dir, { recursive: true });
    if (v1) {
      writeFileSync(join(dir, 'cpu.cfs_period_us'), String(PERIOD_US));
      writeFileSync(join(dir, 'cpu.cfs_quota_us'), String(cores * PERIOD_US));
    } else writeFileSync(join(dir, 'cpu.max'), `${cores * PERIOD_US} ${PERIOD_US}`);
    const enter = (pid: number) => writeFileSync(join(dir, 'cgroup.procs'), String(pid));
    return { name: `quota of ${cores} core`, enter, remove: () => removeGroup(dir) };
  } catch {
    return null;
  }
}

/** The kernel lets a group go some time after its last process. */
async function removeGroup(dir: string): Promise<void> {
  for (let tries = 50; tries > 0; tries--) {
    try {
      return rmdirSync(dir);
    } catch {
      await delay(100);
    }
  }
}
