import { DEFAULT_WINDOW_S } from '@flotilla/protocol';
import type { Connection } from '../connection/connection.ts';
import type { Reporter } from '../connection/reporter.ts';
import type { SpoolSender } from '../spool/sender.ts';
import type { Durable } from './durable.ts';
import type { Machine } from './machine.ts';
import type { AgentOptions } from './options.ts';
import type { Slots } from './slots.ts';
import { startTelemetry } from './telemetry-loop.ts';

/** Between two looks at what the server has not acknowledged. */
const SENDER_TICK_MS = 5_000;

type Parts = {
  durable: Durable;
  machine: Machine;
  slots: Slots;
  sender: SpoolSender;
  reporter: Reporter;
  connection: Pick<Connection, 'silentMs'>;
};

/** Measures, and sends again what was not acknowledged, at regular times. Resolves with what ends that. */
export async function startLoops(
  { logger, now }: Pick<AgentOptions, 'logger' | 'now'>,
  { durable, machine, slots, sender, reporter, connection }: Parts,
): Promise<() => void> {
  const { spool, desired } = durable;
  const sending = setInterval(() => {
    void sender.tick();
    reporter.breakSilence(connection.silentMs);
  }, SENDER_TICK_MS);
  const stopTelemetry = await startTelemetry({
    slots: slots.entries,
    meter: machine.meter,
    sampleSystem: machine.sampleSystem,
    traffic: machine.traffic,
    idleWatts: machine.idleWatts,
    predictions: () => desired.document?.telemetry.predictions,
    windowMs: () => (desired.document?.telemetry.windowS ?? DEFAULT_WINDOW_S) * 1000,
    addWindows: async (windows) => {
      await spool.addWindows(windows);
      await sender.pump();
    },
    logger,
    now,
  });
  return () => {
    clearInterval(sending);
    stopTelemetry();
  };
}
