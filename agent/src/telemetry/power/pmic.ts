import { execFile } from 'node:child_process';
import type { PowerReader } from './reading.ts';

/** A process a read: more often would itself be what is measured. */
const MIN_INTERVAL_MS = 1_000;

const LINE = /^\s*(\S+)_([AV]) (?:current|volt)\(\d+\)=([\d.]+)[AV]/gm;

/**
 * Sums V × A over the rails that have both, of the text that `vcgencmd pmic_read_adc` prints on a Raspberry Pi 5. What has
 * no current sensor (the 5 V input, USB, HATs) is missing, so it is below what the wall gives.
 */
export function wattsOfPmic(text: string): number | null {
  const rails = new Map<string, { A?: number; V?: number }>();
  for (const [, rail = '', unit, value] of text.matchAll(LINE)) {
    rails.set(rail, { ...rails.get(rail), [unit === 'A' ? 'A' : 'V']: Number(value) });
  }
  const paired = [...rails.values()].filter(({ A, V }) => A !== undefined && V !== undefined);
  return paired.length === 0 ? null : paired.reduce((sum, { A = 0, V = 0 }) => sum + A * V, 0);
}

/** `run` prints the reading; it is not asked again once the command was not there. */
export function createPmic(run: () => Promise<string>, nowMs: () => number): PowerReader {
  let isMissing = false;
  let last: { atMs: number; watts: number } | null = null;
  return {
    source: 'pmic',
    async read() {
      if (isMissing) return null;
      if (last && nowMs() - last.atMs < MIN_INTERVAL_MS) return { watts: last.watts };
      const watts = wattsOfPmic(await run().catch(() => ''));
      isMissing = watts === null;
      last = watts === null ? null : { atMs: nowMs(), watts };
      return last && { watts: last.watts };
    },
  };
}

export function runVcgencmd(): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('vcgencmd', ['pmic_read_adc'], { timeout: 2_000 }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout);
    });
  });
}
