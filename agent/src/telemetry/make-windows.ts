import type { Window } from '@flotilla/protocol';
import type { RunnerWindow } from '../runner/contract.ts';
import type { Energy } from './energy-meter.ts';
import type { SystemSample } from './system/sample.ts';
import type { Traffic } from './system/traffic.ts';

/** One runner's counts within the interval; `window` is absent when no runner ran. */
export type SlotCounts = { slot: string; releaseId: string; window: RunnerWindow | null };

export type Interval = {
  startMs: number;
  endMs: number;
  counts: SlotCounts[];
  system: SystemSample;
  energy: Energy | null;
  traffic: Traffic | null;
  idleWatts: number | null;
  agentRssBytes: number;
};

/**
 * Puts one interval's measurements into the protocol's windows, one a slot and release. The board's energy is shared out by
 * the runners' CPU time, so that the sum over the windows is what the board used.
 */
export function makeWindows(interval: Interval): Window[] {
  const { startMs, endMs, counts, system, energy, traffic, idleWatts, agentRssBytes } = interval;
  const durationMs = Math.max(1, Math.round(endMs - startMs));
  const cpuMs = counts.reduce((sum, { window }) => sum + (window?.cpuMs ?? 0), 0);
  return counts.map(({ slot, releaseId, window }) => {
    const share = cpuMs > 0 ? (window?.cpuMs ?? 0) / cpuMs : 1 / counts.length;
    return {
      slot,
      releaseId,
      startMs: Math.round(startMs),
      durationMs,
      ...system,
      uptimeMs: Math.max(0, system.uptimeMs - durationMs),
      ...(traffic && { netRxBytes: traffic.rxBytes, netTxBytes: traffic.txBytes }),
      ...countsOf(window),
      ...(energy && {
        energyJ: energy.joules * share,
        powerW: energy.watts,
        powerSource: energy.source,
        ...(idleWatts !== null && { idleEnergyJ: Math.min(energy.joules, (idleWatts * durationMs) / 1000) * share }),
      }),
      rssBytes: agentRssBytes,
    };
  });
}

const NOTHING = { zeroCount: 0, min: 0, max: 0, sum: 0, buckets: [] };

function countsOf(window: RunnerWindow | null) {
  if (!window) return { inferences: 0, errors: 0, latencyMs: { run: NOTHING } };
  const { inferences, errors, errorCodes, run, total, queue, rssBytes } = window;
  const { outputs, inputs, labelled, predictions } = window;
  return {
    inferences,
    errors,
    ...(errors > 0 && { errorCodes }),
    latencyMs: { run, total, queue },
    runnerRssBytes: rssBytes,
    ...(outputs && { outputs }),
    ...(inputs && { inputs }),
    ...(labelled && { labelled }),
    ...(predictions && { predictions }),
  };
}
