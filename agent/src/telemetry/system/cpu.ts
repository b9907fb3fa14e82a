import { join } from 'node:path';
import { readTextNow } from '../sys-file.ts';

/** Returns a function that gives how busy all cores together were since its last call (0–1); null when it cannot tell. */
export function createCpuShare(procfs: string): () => Promise<number | null> {
  let last: { busy: number; total: number } | null = null;
  let share: number | null = null;
  return async () => {
    const now = parseCpu(readTextNow(join(procfs, 'stat')));
    // The kernel counts in ticks of 10 ms: within one tick the last answer is still the best.
    if (now && last && now.total <= last.total) return share;
    share = now && last && Math.min(1, Math.max(0, (now.busy - last.busy) / (now.total - last.total)));
    last = now;
    return share;
  };
}

/** First line of /proc/stat: user nice system idle iowait irq softirq steal; guest times are within user already. */
function parseCpu(stat: string | null): { busy: number; total: number } | null {
  const ticks = /^cpu\s+([\d ]+)/
    .exec(stat ?? '')?.[1]
    ?.split(' ')
    .slice(0, 8)
    .map(Number);
  if (!ticks || ticks.length < 4) return null;
  const total = ticks.reduce((sum, each) => sum + each, 0);
  return { busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0), total };
}
