import { statfs } from 'node:fs/promises';
import { uptime } from 'node:os';
import { readBatteryPct } from '../power/battery.ts';
import { createCpuShare } from './cpu.ts';
import { readMemory } from './memory.ts';
import { createThrottled, readTempC } from './thermal.ts';

/** The machine's state at the end of a window. What could not be measured is absent. */
export type SystemSample = {
  uptimeMs: number;
  cpuPct?: number;
  memoryUsedBytes?: number;
  tempC?: number;
  throttled?: boolean;
  batteryPct?: number;
  diskFreeBytes?: number;
};

export function createSystemSampler(roots: {
  sysfs: string;
  procfs: string;
  dir: string;
}): () => Promise<SystemSample> {
  const cpuShare = createCpuShare(roots.procfs);
  const isThrottled = createThrottled(roots.sysfs);
  return async () => {
    const [share, memory, tempC, throttled, batteryPct, diskFreeBytes] = await Promise.all([
      cpuShare(),
      readMemory(roots.procfs),
      readTempC(roots.sysfs),
      isThrottled(),
      readBatteryPct(roots.sysfs),
      freeDiskBytes(roots.dir),
    ]);
    return {
      uptimeMs: Math.round(uptime() * 1000),
      ...(share !== null && { cpuPct: share * 100 }),
      ...(memory && { memoryUsedBytes: memory.totalBytes - memory.availableBytes }),
      ...(tempC !== undefined && { tempC }),
      ...(throttled !== undefined && { throttled }),
      ...(batteryPct !== undefined && { batteryPct }),
      ...(diskFreeBytes !== null && { diskFreeBytes }),
    };
  };
}

/** Bytes an ordinary user may still write; null where the file system does not say. */
export async function freeDiskBytes(dir: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  } catch {
    return null;
  }
}
