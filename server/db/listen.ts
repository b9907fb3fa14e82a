import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const RECONNECT_MS = 1_000;

/** A database that takes the connection but does not answer is left after so long, and tried again. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Listens on a channel and goes on listening when the database comes back. `onListening` is called after each (re)connect, because
 * notifications of the gap are lost. Returns how to stop: at any moment, and also while the database is away.
 */
export function listen(
  databaseUrl: string,
  channel: string,
  onPayload: (payload: string) => void,
  onListening: () => void = () => undefined,
): () => Promise<void> {
  const stopped = new AbortController();
  let socket: Socket | undefined;
  const loop = async () => {
    while (!stopped.signal.aborted) {
      const stream = new Socket();
      socket = stream;
      const client = new pg.Client({
        connectionString: databaseUrl,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        stream: () => stream,
      });
      const ended = new Promise<void>((resolve) => client.once('end', resolve).on('error', () => resolve()));
      client.on('notification', ({ payload }) => onPayload(payload ?? ''));
      try {
        await client.connect();
        await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
        onListening();
        await ended;
      } catch {
        // The database is away: it is tried again.
      }
      stream.destroy();
      await delay(RECONNECT_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const running = loop();
  return async () => {
    stopped.abort();
    // Not `client.end()`: called while the client connects, it leaves `connect()` pending for ever.
    socket?.destroy();
    await running;
  };
}
