import type { PredictionSampling, Window } from '@flotilla/protocol';
import { type Logger, messageOf } from '../logger.ts';
import type { EnergyMeter } from '../telemetry/energy-meter.ts';
import { makeWindows, type SlotCounts } from '../telemetry/make-windows.ts';
import { batchesOf } from '../telemetry/message-batches.ts';
import type { SystemSample } from '../telemetry/system/sample.ts';
import type { Traffic } from '../telemetry/system/traffic.ts';
import { startWindowClock } from '../telemetry/window-clock.ts';
import type { SlotEntry } from './slots.ts';

export type TelemetryPorts = {
  slots: ReadonlyMap<string, SlotEntry>;
  meter: EnergyMeter;
  sampleSystem: () => Promise<SystemSample>;
  /** Since its last call: nobody else may call it. */
  traffic: () => Traffic | null;
  idleWatts: () => number | null;
  windowMs: () => number;
  predictions: () => PredictionSampling | undefined;
  addWindows: (windows: Window[]) => Promise<unknown>;
  logger: Logger;
  now: () => number;
};

/** Measures the machine and the runners and spools a window for each at every boundary. Returns what stops it. */
export async function startTelemetry(ports: TelemetryPorts): Promise<() => void> {
  const trouble = (error: unknown) => ports.logger.log('error', `telemetry: ${messageOf(error)}`);
  let mark = await ports.meter.mark();
  await ports.sampleSystem();
  ports.traffic();
  let sampling: NodeJS.Timeout;
  const sample = () => {
    void ports.meter.sample().catch(trouble);
    sampling = setTimeout(sample, ports.meter.sampleEveryMs);
  };
  sample();
  const close = async (startMs: number, endMs: number) => {
    const counts = await collectCounts(ports);
    const energy = await ports.meter.since(mark);
    mark = await ports.meter.mark();
    const system = await ports.sampleSystem();
    const agentRssBytes = process.memoryUsage.rss();
    const windows = makeWindows({
      startMs,
      endMs,
      counts,
      system,
      energy,
      traffic: ports.traffic(),
      idleWatts: ports.idleWatts(),
      agentRssBytes,
    });
    for (const batch of batchesOf(windows)) await ports.addWindows(batch);
  };
  const stopClock = startWindowClock(ports.windowMs, ports.now, (startMs, endMs) =>
    close(startMs, endMs).catch(trouble),
  );
  return () => {
    clearTimeout(sampling);
    stopClock();
  };
}

async function collectCounts({ slots, predictions }: TelemetryPorts): Promise<SlotCounts[]> {
  const counts: SlotCounts[] = [];
  for (const [slot, { controller, service }] of slots) {
    counts.push(...service.takeRetired().map((retired) => ({ slot, ...retired })));
    const { current } = service;
    const releaseId = current?.release.id ?? controller.state.serving?.release.id;
    if (releaseId === undefined) continue;
    counts.push({ slot, releaseId, window: (await current?.window(predictions()).catch(() => null)) ?? null });
  }
  return counts;
}
