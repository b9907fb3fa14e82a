import { setTimeout as delay } from 'node:timers/promises';
import { createDb } from '../db/client.ts';
import { type Broker, startBroker } from '../mqtt/embedded-broker.ts';
import { brokerHostnames, ensurePki } from '../pki/ensure-pki.ts';
import { loadBrokerTls } from '../pki/tls.ts';
import { type Config, readConfig } from '../platform/config.ts';
import { createLogger, type Logger } from '../platform/logger.ts';

/** How often the broker's certificates are looked at; they are renewed 30 days before they end. */
const RENEW_INTERVAL_MS = 24 * 3_600_000;

/** What MQTT over TLS uses, where the URL names no port. */
const DEFAULT_PORT = 8883;

const now = () => new Date();

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger('broker', config.logLevel);
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop);

  const db = createDb(config.databaseUrl);
  const broker = await startBroker({
    db,
    databaseUrl: config.databaseUrl,
    tls: await readyTls(config),
    devices: listenAddress(config.mqttUrl),
    servers: listenAddress(config.mqttServerUrl),
    now,
    logger,
  });
  logger.info({ devicePort: broker.devicePort, serverPort: broker.serverPort }, 'listening');
  await renewUntil(stopping.signal, config, broker, logger);
  logger.info('closing');
  await broker.close();
  await db.$disconnect();
  // An open channel to the parent would keep the process alive.
  if (process.connected) process.disconnect();
}

async function renewUntil(signal: AbortSignal, config: Config, broker: Broker, logger: Logger): Promise<void> {
  while (!signal.aborted) {
    await delay(RENEW_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await readyTls(config).then(broker.reloadTls, (error) => logger.error({ err: error }, 'cannot renew certificates'));
  }
}

async function readyTls(config: Config) {
  await ensurePki(config.pkiDir, { hostnames: brokerHostnames(config), now: now() });
  return loadBrokerTls(config.pkiDir);
}

/** A URL with a loopback name is served on loopback alone; any other on all interfaces. */
function listenAddress(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  return { host: isLocal ? '127.0.0.1' : '::', port: Number(port || DEFAULT_PORT) };
}

main().catch((error: unknown) => {
  createLogger('broker').error({ err: error }, error instanceof Error ? error.message : 'the broker failed');
  process.exit(1);
});
