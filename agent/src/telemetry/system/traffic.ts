import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTextNow } from '../sys-file.ts';

/** What the board received and sent over its networks. */
export type Traffic = { rxBytes: number; txBytes: number };

/**
 * Returns a function that gives the traffic since its last call; null at the first, and where the kernel does not say. Interfaces with hardware
 * behind them count: what bridges and containers pass on is in those already. A machine that has none, as a container, counts all but loopback.
 */
export function createTraffic({ sysfs, procfs }: { sysfs: string; procfs: string }): () => Traffic | null {
  let last: Map<string, Traffic> | null = null;
  return () => {
    const now = parseInterfaces(readTextNow(join(procfs, 'net/dev')));
    const before = last;
    last = now;
    if (!now || !before) return null;
    const names = [...now.keys()].filter((name) => name !== 'lo');
    const hardware = names.filter((name) => existsSync(join(sysfs, 'class/net', name, 'device')));
    const sum = { rxBytes: 0, txBytes: 0 };
    for (const name of hardware.length > 0 ? hardware : names) {
      for (const way of ['rxBytes', 'txBytes'] as const) {
        const count = now.get(name)?.[way] ?? 0;
        const counted = before.get(name)?.[way] ?? 0;
        // One that was plugged in again counts from zero.
        sum[way] += count < counted ? count : count - counted;
      }
    }
    return sum;
  };
}

/** /proc/net/dev: a line each of name, eight figures received (bytes first) and eight sent. */
function parseInterfaces(text: string | null): Map<string, Traffic> | null {
  if (text === null) return null;
  const lines = [...text.matchAll(/^\s*(\S+):\s*(\d+)((?:\s+\d+){7})\s+(\d+)/gm)];
  return new Map(lines.map(([, name = '', rx, , tx]) => [name, { rxBytes: Number(rx), txBytes: Number(tx) }]));
}
