import { backoffMs } from '../backoff.ts';
import { delay } from '../delay.ts';
import { messageOf } from '../logger.ts';
import { removeContainer, startContainer, stopContainer } from './container.ts';
import type { Engine } from './engine/engine.ts';

export type CompanionPorts = {
  engine: Engine;
  /** A name that no container has; the companion's is in it. */
  newName: () => string;
  spec: object;
  onTrouble: (detail: string, lastLines: string[]) => void;
  random: () => number;
};

/**
 * Keeps one companion running until `signal` aborts: started again when it ends, after longer and longer waits. Two releases may want
 * the same camera during a hand-over; the new one gets it when the old one has let go. Resolves when it is gone.
 */
export async function keepCompanion(ports: CompanionPorts, signal: AbortSignal): Promise<void> {
  const { engine, onTrouble, random } = ports;
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const { id, exited } = await startContainer(engine, ports.newName(), ports.spec);
      const end = () => void stopContainer(engine, id).catch(() => {});
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      const { code, lastLines } = await exited;
      signal.removeEventListener('abort', end);
      await removeContainer(engine, id).catch(() => {});
      if (!signal.aborted) onTrouble(`ended with code ${code}`, lastLines);
    } catch (error) {
      if (!signal.aborted) onTrouble(messageOf(error), []);
    }
    await delay(backoffMs(attempt, random()), signal);
  }
}
