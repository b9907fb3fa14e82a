import { join } from 'node:path';
import { readTextNow } from '../sys-file.ts';

export type Memory = { totalBytes: number; availableBytes: number };

/** null where /proc/meminfo does not say. */
export async function readMemory(procfs: string): Promise<Memory | null> {
  const text = readTextNow(join(procfs, 'meminfo')) ?? '';
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
  const memory = { totalBytes: of('MemTotal'), availableBytes: of('MemAvailable') };
  return Number.isNaN(memory.totalBytes) || Number.isNaN(memory.availableBytes) ? null : memory;
}
