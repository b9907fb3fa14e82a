import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { listNames, readNumber, readText } from '../telemetry/sys-file.ts';
import type { UsableMachine } from './session-settings.ts';

/** Where the kernel says what this machine is. */
export const KERNEL = { sysfs: '/sys', procfs: '/proc' } as const;
type KernelFolders = { sysfs: string; procfs: string };

/**
 * Reads the machine as this process may use it: affinity, the limits of its container or service (control groups of version 1 or 2, and
 * every group above its own), threads that share a core, and cores of unequal speed. What the kernel does not say limits nothing.
 */
export async function readUsableMachine({ sysfs, procfs }: KernelFolders): Promise<UsableMachine> {
  const groups = await readGroups(join(procfs, 'self/cgroup'));
  const root = join(sysfs, 'fs/cgroup');
  const quotas = [
    ...(await eachGroup(root, groups, '', quotaOf)),
    ...(await eachGroup(root, groups, 'cpu', quotaOfV1)),
  ];
  const processors = availableParallelism();
  return {
    processors: Math.min(processors, ...quotas),
    fastCores: (await countFastCores(join(sysfs, 'devices/system/cpu'))) ?? processors,
  };
}

/** The group of this process by controller; that of version 2 has the empty name. */
async function readGroups(path: string): Promise<Map<string, string>> {
  const groups = new Map<string, string>();
  for (const line of ((await readText(path)) ?? '').split('\n')) {
    const [, controllers = '', group = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    for (const controller of controllers.split(',')) groups.set(controller, group);
  }
  return groups;
}

/**
 * Asks the group of this process and each above it. In a container the path is the host's and its own files lie at the root, so that
 * folders which are not there are passed over.
 */
async function eachGroup(
  root: string,
  groups: Map<string, string>,
  controller: string,
  read: (dir: string) => Promise<number | null>,
): Promise<number[]> {
  const found: number[] = [];
  const top = join(root, controller);
  for (let group = groups.get(controller) ?? '/'; ; group = dirname(group)) {
    const limit = await read(join(top, group));
    if (limit !== null && limit > 0) found.push(limit);
    if (group === '/' || group === '.') return found;
  }
}

/** Processors by `quota period` in µs; null for `max`. */
async function quotaOf(dir: string): Promise<number | null> {
  const [quota, period] = ((await readText(join(dir, 'cpu.max'))) ?? '').split(' ').map(Number);
  return quota && period ? quota / period : null;
}

async function quotaOfV1(dir: string): Promise<number | null> {
  const quota = await readNumber(join(dir, 'cpu.cfs_quota_us'));
  const period = await readNumber(join(dir, 'cpu.cfs_period_us'));
  return quota && period && quota > 0 ? quota / period : null;
}

/** Physical cores of the highest capacity; null where the kernel does not say which there are. */
async function countFastCores(dir: string): Promise<number | null> {
  const capacities = new Map<string, number>();
  for (const name of await listNames(dir, /^cpu\d+$/)) {
    const siblings = await readText(join(dir, name, 'topology/thread_siblings_list'));
    if (siblings) capacities.set(siblings, (await readNumber(join(dir, name, 'cpu_capacity'))) ?? 0);
  }
  const fastest = Math.max(...capacities.values());
  return [...capacities.values()].filter((each) => each === fastest).length || null;
}
