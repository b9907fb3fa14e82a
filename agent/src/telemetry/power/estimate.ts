import type { PowerReader } from './reading.ts';

/** What a board draws doing nothing and with every core busy. */
export type BoardWatts = { idleWatts: number; fullWatts: number };

/** Published or measured figures of boards without a power sensor, by what they call themselves. Rough: ± 30 %. */
const boards: [RegExp, BoardWatts][] = [
  [/Raspberry Pi 5/, { idleWatts: 2.7, fullWatts: 8.5 }],
  [/Raspberry Pi 4|Compute Module 4/, { idleWatts: 2.3, fullWatts: 6.4 }],
  [/Raspberry Pi 3/, { idleWatts: 1.6, fullWatts: 5.1 }],
  [/Raspberry Pi Zero 2/, { idleWatts: 0.6, fullWatts: 2.8 }],
  [/Jetson/, { idleWatts: 4, fullWatts: 12 }],
];

/** For other machines: a small PC, and a core that works. */
const SMALL_PC_IDLE_WATTS = 6;
const WATTS_PER_BUSY_CORE = 5;

export function boardWattsOf(board: string | undefined, cpuCores: number): BoardWatts {
  const known = boards.find(([pattern]) => pattern.test(board ?? ''));
  return (
    known?.[1] ?? { idleWatts: SMALL_PC_IDLE_WATTS, fullWatts: SMALL_PC_IDLE_WATTS + cpuCores * WATTS_PER_BUSY_CORE }
  );
}

export function estimateWatts({ idleWatts, fullWatts }: BoardWatts, cpuShare: number): number {
  return idleWatts + (fullWatts - idleWatts) * Math.min(1, Math.max(0, cpuShare));
}

/** No sensor: power modelled from how busy the processor was since the last reading. Always named an estimate. */
export function createEstimate(watts: BoardWatts, cpuShare: () => Promise<number | null>): PowerReader {
  return {
    source: 'estimate',
    isOfInterval: true,
    async read() {
      const share = await cpuShare();
      return share === null ? null : { watts: estimateWatts(watts, share) };
    },
  };
}
