import { cpus } from 'node:os';
import type { ProofPower } from '../proof/prove.ts';
import { EnergyMeter } from '../telemetry/energy-meter.ts';
import { createBattery } from '../telemetry/power/battery.ts';
import { type BoardWatts, boardWattsOf, createEstimate, estimateWatts } from '../telemetry/power/estimate.ts';
import { createHwmon } from '../telemetry/power/hwmon.ts';
import { createIna3221 } from '../telemetry/power/ina3221.ts';
import { createPmic, runVcgencmd } from '../telemetry/power/pmic.ts';
import { createRapl } from '../telemetry/power/rapl.ts';
import { createCpuShare } from '../telemetry/system/cpu.ts';

export type PowerSettings = {
  sysfs: string;
  procfs: string;
  board: string | undefined;
  idleWatts?: number;
  fullWatts?: number;
};

/** The board's sensors, best first, and the figures for the estimate that comes last. */
export function createPower(settings: PowerSettings): { meter: EnergyMeter; watts: BoardWatts; isIdleKnown: boolean } {
  const { sysfs, procfs, board, idleWatts, fullWatts } = settings;
  const known = boardWattsOf(board, cpus().length);
  const watts = { idleWatts: idleWatts ?? known.idleWatts, fullWatts: fullWatts ?? known.fullWatts };
  const nowMs = () => performance.now();
  const readers = [
    createIna3221(sysfs),
    createHwmon(sysfs),
    createBattery(sysfs),
    createPmic(runVcgencmd, nowMs),
    createRapl(sysfs),
    createEstimate(watts, createCpuShare(procfs)),
  ];
  return { meter: new EnergyMeter(readers, nowMs), watts, isIdleKnown: idleWatts !== undefined };
}

/**
 * Energy of a benchmark. With a sensor, its mean power over the benchmark; without one, modelled from the benchmark's own
 * CPU time, because the machine's counters are too coarse for it.
 */
export function createProofPower(meter: EnergyMeter, watts: BoardWatts): ProofPower {
  return {
    get source() {
      return meter.source ?? 'estimate';
    },
    async measure(run) {
      const mark = await meter.mark();
      const result = await run();
      const seconds = result.durationMs / 1000;
      const energy = await meter.since(mark);
      if (energy && energy.source !== 'estimate') return { result, joules: energy.watts * seconds };
      const share = result.cpuMs / (result.durationMs * cpus().length);
      return { result, joules: estimateWatts(watts, share) * seconds };
    },
  };
}
