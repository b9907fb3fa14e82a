import type { DesiredState, Reason } from '@flotilla/protocol';
import { delay } from '../delay.ts';

/** Documents live for weeks, so that a day is soon enough to say that no fresh one came. */
const LOOK_EVERY_MS = 3_600_000;

/**
 * Why nobody should trust that this device is up to date: its document has expired and no newer one has come, because the
 * server is gone or because someone keeps it from the device (TUF's indefinite freeze). What runs keeps running.
 */
export function staleDocument(document: DesiredState | null, now: number): Reason | null {
  if (!document || document.expiresAt > now) return null;
  const expired = new Date(document.expiresAt).toISOString();
  return { code: 'desired.frozen', detail: `generation ${document.generation} expired at ${expired}`, retry: 'later' };
}

/** Tells it once for each document; the event reaches the server when anything does. */
export async function watchFreshness(
  ports: {
    document: () => DesiredState | null;
    addEvent: (event: { at: number; kind: string; reason: Reason }) => Promise<unknown>;
    now: () => number;
  },
  signal: AbortSignal,
): Promise<void> {
  let toldGeneration = 0;
  while (!signal.aborted) {
    const document = ports.document();
    const reason = staleDocument(document, ports.now());
    if (document && reason && document.generation !== toldGeneration) {
      const told = ports.addEvent({ at: ports.now(), kind: 'agent', reason });
      toldGeneration = await told.then(() => document.generation).catch(() => toldGeneration);
    }
    await delay(LOOK_EVERY_MS, signal);
  }
}
