import type { DeviceFacts } from '@flotilla/protocol';
import { delay } from '../delay.ts';
import { clipVersion } from '../facts/device-facts.ts';
import { type Logger, messageOf } from '../logger.ts';

/** An engine that does not run costs one refused connection a look. */
const LOOK_EVERY_MS = 10_000;

export type WatchEnginePorts = {
  engineVersion: () => Promise<string | null>;
  facts: () => DeviceFacts;
  /** Called when another version answers than the facts say, or none, or one where none did. */
  onChange: (isAnswering: boolean) => Promise<void>;
  logger: Logger;
};

/** The container engine may start after the agent, be upgraded, or be installed later: the device says so, and uses it. */
export async function watchEngine(ports: WatchEnginePorts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      await look(ports);
    } catch (error) {
      ports.logger.log('error', `looking at the container engine: ${messageOf(error)}`);
    }
  }
}

async function look({ engineVersion, facts, logger, onChange }: WatchEnginePorts): Promise<void> {
  const before = facts().containerEngine ?? null;
  const version = await engineVersion();
  if (clipVersion(version) === before) return;
  logger.log('info', `the container engine is ${version ?? 'gone'}; it was ${before ?? 'not there'}`);
  await onChange(version !== null);
}
