import { createServer, type Server, type TLSSocket } from 'node:tls';
import { gatherWrites } from '@flotilla/protocol';
import type { TlsMaterial } from '../pki/tls.ts';
import type { Logger } from '../platform/logger.ts';

/** Time for the TLS handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** After this long without a byte the system asks whether the other side is still there. */
const TCP_KEEPALIVE_MS = 60_000;

export type Address = { host: string; port: number };

/** Whatever comes through has shown a certificate of the authority in `tls.ca`. @throws Error when the port is taken. */
export async function openListener(
  address: Address,
  tls: TlsMaterial,
  maxConnections: number,
  logger: Logger,
  onConnection: (socket: TLSSocket) => void,
): Promise<Server> {
  const server = createServer({
    ...secureContext(tls),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  server.maxConnections = maxConnections;
  server.on('tlsClientError', (error) => logger.debug({ err: error }, 'TLS handshake refused'));
  server.on('drop', (dropped) => logger.warn(dropped ?? {}, `more than ${maxConnections} connections; dropped one`));
  server.on('secureConnection', (socket) => {
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    socket.setNoDelay(true);
    gatherWrites(socket);
    onConnection(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, address)));
    server.listen(address.port, address.host, resolve);
  });
  server.on('error', (error) => logger.error({ err: error }, 'listener failed'));
  return server;
}

export function secureContext(tls: TlsMaterial) {
  return { key: tls.key, cert: tls.cert, ca: tls.ca, minVersion: 'TLSv1.2' } as const;
}

export function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (!address || typeof address === 'string') throw new Error('the listener has no port');
  return address.port;
}

function explain(error: NodeJS.ErrnoException, { host, port }: Address): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(
      `Port ${port} on ${host} is taken. Is another broker running? Stop it, or name another port in the broker's URL.`,
      {
        cause: error,
      },
    );
  }
  return new Error(`Cannot listen on ${host}:${port}: ${error.message}`, { cause: error });
}
