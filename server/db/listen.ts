import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const RECONNECT_MS = 1_000;

/**
 * Listens on a channel and goes on listening when the database comes back. `onListening` is called after each (re)connect, because
 * notifications of the gap are lost. Returns how to stop.
 */
export function listen(
  databaseUrl: string,
  channel: string,
  onPayload: (payload: string) => void,
  onListening: () => void = () => undefined,
): () => Promise<void> {
  const stopped = new AbortController();
  let client: pg.Client | undefined;
  const loop = async () => {
    while (!stopped.signal.aborted) {
      client = new pg.Client({ connectionString: databaseUrl });
      const ended = new Promise<void>((resolve) => client?.once('end', resolve).on('error', () => resolve()));
      client.on('notification', ({ payload }) => onPayload(payload ?? ''));
      try {
        await client.connect();
        await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
        onListening();
        await ended;
      } catch {
        await client.end().catch(() => undefined);
      }
      await delay(RECONNECT_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const running = loop();
  return async () => {
    stopped.abort();
    await client?.end().catch(() => undefined);
    await running;
  };
}
