import { createDb } from '../db/client.ts';
import { startBroker } from '../mqtt/embedded-broker.ts';
import { loadBrokerTls, loadServerClientTls, type TlsMaterial } from '../pki/tls.ts';
import { createLogger } from '../platform/logger.ts';
import type { TestPki } from './pki.ts';

export type TestBroker = {
  /** Where devices connect, with their certificates. */
  deviceUrl: string;
  /** Where servers connect, with `serverTls` and a client id that starts with `server-`. */
  serverUrl: string;
  serverTls: TlsMaterial;
  startedAt: Date;
  close: () => Promise<void>;
};

/** The real broker on free ports of 127.0.0.1, with a connection pool of its own. `serverPort` is for one that comes after another. */
export async function startTestBroker(options: {
  databaseUrl: string;
  pki: TestPki;
  maxDevices?: number;
  serverPort?: number;
}): Promise<TestBroker> {
  const { databaseUrl, pki, serverPort = 0, ...limits } = options;
  const db = createDb(databaseUrl);
  const broker = await startBroker({
    db,
    databaseUrl,
    tls: await loadBrokerTls(pki.dir),
    devices: { host: '127.0.0.1', port: 0 },
    servers: { host: '127.0.0.1', port: serverPort },
    now: () => new Date(),
    logger: createLogger('test-broker', 'silent'),
    ...limits,
  });
  return {
    deviceUrl: `mqtts://127.0.0.1:${broker.devicePort}`,
    serverUrl: `mqtts://127.0.0.1:${broker.serverPort}`,
    serverTls: await loadServerClientTls(pki.dir),
    startedAt: broker.startedAt,
    close: async () => {
      await broker.close();
      await db.$disconnect();
    },
  };
}
