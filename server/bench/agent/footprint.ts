import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuSecondsOf } from '../cpu-seconds.ts';

/**
 * What a process holds, in MiB. RSS counts shared pages whole, PSS divides them by those who share them, and private-dirty is what
 * goes away with the process. CPU in per cent of one core.
 */
export type Footprint = { rssMiB: number; pssMiB: number; privateDirtyMiB: number; cpuPercent: number };

/** Of each process at the same time, over `seconds` in which nothing is asked of them: medians of memory, the mean of CPU. */
export async function footprintsOf<Name extends string>(
  pids: Record<Name, number>,
  seconds: number,
): Promise<Record<Name, Footprint>> {
  const names = Object.keys(pids) as Name[];
  const before = await Promise.all(names.map((name) => cpuSecondsOf(pids[name])));
  const samples: { rss: number; pss: number; dirty: number }[][] = names.map(() => []);
  const rounds = 5;
  for (let round = 0; round < rounds; round++) {
    await delay((seconds * 1000) / rounds);
    for (const [at, name] of names.entries()) samples[at]?.push(await memoryOf(pids[name]));
  }
  const entries = names.map(async (name, at) => {
    const of = (key: 'rss' | 'pss' | 'dirty') => median((samples[at] ?? []).map((sample) => sample[key]));
    const cpuPercent = (((await cpuSecondsOf(pids[name])) - (before[at] ?? 0)) / seconds) * 100;
    return [name, { rssMiB: of('rss'), pssMiB: of('pss'), privateDirtyMiB: of('dirty'), cpuPercent }] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<Name, Footprint>;
}

async function memoryOf(pid: number): Promise<{ rss: number; pss: number; dirty: number }> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024;
  return { rss: of('Rss'), pss: of('Pss'), dirty: of('Private_Dirty') };
}

export function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
