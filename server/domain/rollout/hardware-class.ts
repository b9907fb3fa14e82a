import type { KnownFacts } from '../device/facts.ts';

type ClassFacts = Pick<KnownFacts, 'board' | 'arch' | 'cpuModel' | 'cpuCores' | 'memoryBytes'>;

/** What devices must share to be compared with each other: the board, or what is known of the processor and its memory. */
export function hardwareClassOf({ board, arch, cpuModel, cpuCores, memoryBytes }: ClassFacts): string {
  if (board) return board;
  const gigabytes = memoryBytes === undefined ? '?' : String(Math.round(memoryBytes / 2 ** 30));
  return [arch ?? '?', cpuModel ?? '?', cpuCores ?? '?', gigabytes].join(' · ');
}
