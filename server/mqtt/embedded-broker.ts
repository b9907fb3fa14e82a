import type { Server, TLSSocket } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import type { Db } from '../db/client.ts';
import type { BrokerTls } from '../pki/tls.ts';
import type { Logger } from '../platform/logger.ts';
import { BROKER_TOPIC, MAX_PACKET_BYTES } from './broker-acl.ts';
import { type Address, openListener, portOf, secureContext } from './broker-listener.ts';
import { brokerMemory } from './broker-memory.ts';
import { brokerRules } from './broker-rules.ts';
import { type CutOff, watchCutOff } from './cut-off.ts';
import { frameGuard } from './frame-guard.ts';
import { RefusalCounter } from './refusal-counter.ts';
import { takeAll } from './take-all.ts';

export type BrokerOptions = {
  db: Db;
  databaseUrl: string;
  tls: BrokerTls;
  devices: Address;
  servers: Address;
  now: () => Date;
  logger: Logger;
  /** Device connections at once; more are dropped at the door. One costs about 80 KB. */
  maxDevices?: number;
};

export type Broker = {
  startedAt: Date;
  devicePort: number;
  serverPort: number;
  /** Takes renewed certificates into use; open connections stay. */
  reloadTls: (tls: BrokerTls) => void;
  close: () => Promise<void>;
};

const MAX_DEVICES = 20_000;
const MAX_SERVERS = 64;

const limits = {
  /** Messages on their way to subscribers at once: a slow reader holds one place, for at most the drain timeout. */
  concurrency: 10_000,
  drainTimeout: 10_000,
  connectTimeout: 10_000,
  /** Packets that a client may send before its connection is accepted. */
  queueLimit: 16,
  /** Longest keepalive in seconds; a client must name one, so that a dead connection is noticed. */
  keepaliveLimit: 600,
  maxTopicLevels: 8,
};

/**
 * An MQTT 3.1.1 broker for one machine, over mutual TLS, with a listener for devices and one for server processes. Who a device is, is
 * what its certificate says; a message that it may not send closes its connection and no other. Its memory is lost with it: a server that
 * reads another `startedAt` on {@link BROKER_TOPIC} than before fills it again.
 * @throws Error when a port is taken.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { db, databaseUrl, tls, now, logger, maxDevices = MAX_DEVICES } = options;
  const startedAt = now();
  const live = new Set<Client>();
  const memory = brokerMemory();
  const refusals = new RefusalCounter(db, now, logger);
  const rules = brokerRules(db, refusals, logger);
  const aedes = await Aedes.createBroker({ ...limits, ...rules.handlers, persistence: memory });
  takeAll(aedes);
  aedes.on('client', (client) => live.add(client));
  aedes.on('clientDisconnect', (client) => live.delete(client));
  aedes.on('clientError', (client, error) => logger.debug({ err: error, clientId: client.id }, 'client failed'));
  aedes.on('connectionError', (_client, error) => logger.debug({ err: error }, 'connection failed'));
  const closeAedes = () => new Promise<void>((resolve) => aedes.close(resolve));

  const accept = (socket: TLSSocket) => {
    const client = aedes.handle(socket);
    guardFrames(socket, () => socket.destroy(rules.refuseOversized(client)));
  };
  const acceptInner = (socket: TLSSocket) => {
    rules.markInner(socket);
    accept(socket);
  };
  const cut = ({ serials, deviceIds }: CutOff) => {
    for (const client of live) {
      const peer = rules.peerOf(client);
      if (peer?.kind !== 'device' || !(serials.has(peer.serial) || deviceIds.has(peer.deviceId))) continue;
      logger.info({ deviceId: peer.deviceId }, 'cut a device off: its certificate was revoked');
      client.close();
      void memory.cleanSubscriptions(client);
    }
  };

  await publishStart(aedes, startedAt);
  const opened: Server[] = [];
  try {
    opened.push(await openListener(options.servers, tls.servers, MAX_SERVERS, logger, acceptInner));
    opened.push(await openListener(options.devices, tls.devices, maxDevices, logger, accept));
  } catch (error) {
    for (const server of opened) server.close();
    await closeAedes();
    throw error;
  }
  refusals.start();
  const stopWatching = watchCutOff({ db, databaseUrl, now, logger, onCutOff: cut });
  const [servers, devices] = opened;

  return {
    startedAt,
    devicePort: portOf(devices),
    serverPort: portOf(servers),
    reloadTls: (renewed) => {
      servers?.setSecureContext(secureContext(renewed.servers));
      devices?.setSecureContext(secureContext(renewed.devices));
    },
    close: async () => {
      const closed = opened.map((server) => new Promise((resolve) => server.close(resolve)));
      await stopWatching();
      await closeAedes();
      await Promise.all(closed);
      await refusals.stop();
    },
  };
}

function publishStart(aedes: Aedes, startedAt: Date): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ startedAt: startedAt.toISOString() }));
  return new Promise((resolve, reject) => {
    aedes.publish({ cmd: 'publish', topic: BROKER_TOPIC, payload, qos: 1, retain: true, dup: false }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

/** Looks at each chunk on its way to the parser. The broker reads by `read`, so that is where it can be stopped in time. */
function guardFrames(socket: TLSSocket, onOversized: () => void): void {
  const isWithinLimit = frameGuard(MAX_PACKET_BYTES);
  const read = socket.read.bind(socket);
  socket.read = (size) => {
    const chunk = read(size);
    if (chunk === null || isWithinLimit(chunk)) return chunk;
    onOversized();
    return null;
  };
}
