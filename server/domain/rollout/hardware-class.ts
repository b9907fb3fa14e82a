import type { KnownFacts } from '../device/facts.ts';

/** What devices must share to be compared with each other: the board, or what is known of the processor and its memory. */
export function hardwareClassOf({ board, arch, cpuModel, cpuCores, memoryBytes }: KnownFacts): string {
  if (board) return board;
  const gigabytes = memoryBytes === undefined ? '?' : String(Math.round(memoryBytes / 2 ** 30));
  return [arch ?? '?', cpuModel ?? '?', cpuCores ?? '?', gigabytes].join(' · ');
}
