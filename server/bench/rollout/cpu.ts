import { cpuSecondsOf } from '../cpu-seconds.ts';
import type { BenchStack } from './bench-stack.ts';

/** Seconds of processor time so far. A worker that was killed takes its time with it. */
export type CpuSeconds = { worker: number; broker: number; postgres: number; simulator: number };

export async function cpuOf({ stack, simulator }: Pick<BenchStack, 'stack' | 'simulator'>): Promise<CpuSeconds> {
  const of = (name: string) => cpuSecondsOf(stack.supervisor.pidOf(name) ?? 0);
  return {
    worker: await of('worker'),
    broker: await of('broker'),
    postgres: await of('postgres'),
    simulator: (await simulator.report()).cpuS,
  };
}

export async function spentSince(
  before: CpuSeconds,
  bench: Pick<BenchStack, 'stack' | 'simulator'>,
): Promise<CpuSeconds> {
  const now = await cpuOf(bench);
  const spent = (part: keyof CpuSeconds) => (now[part] >= before[part] ? now[part] - before[part] : now[part]);
  return {
    worker: spent('worker'),
    broker: spent('broker'),
    postgres: spent('postgres'),
    simulator: spent('simulator'),
  };
}
