import { serverSubscriptions } from '@flotilla/protocol';
import mqtt, { type MqttClient } from 'mqtt';
import type { IncomingMessage } from '../ingest/parse-message.ts';
import type { Logger } from '../platform/logger.ts';
import { within } from '../platform/within.ts';

export type ServerTls = { ca: string; cert: string; key: string };

export type ServerClientOptions = {
  url: string;
  clientId: string;
  tls: ServerTls;
  logger: Logger;
  now: () => Date;
  /** Called for each message; while it is pending the broker is held back. */
  onMessage: (message: IncomingMessage) => Promise<void>;
  /** Called after each (re)connect, when the broker may have forgotten every retained message. */
  onConnect: () => void;
};

const RECONNECT_MS = 1_000;

/** A broker that does not answer the goodbye by then hangs, or is away. */
const GOODBYE_MS = 2_000;

/**
 * The worker's connection to the broker. Its session is clean: retained state comes again at every connect, and spooled data comes
 * again until it is acknowledged, so nothing depends on the broker's memory.
 */
export function connectServerClient(options: ServerClientOptions): MqttClient {
  const { url, clientId, tls, logger, now, onMessage, onConnect } = options;
  const client = mqtt.connect(url, {
    ...tls,
    clientId,
    clean: true,
    protocolVersion: 4,
    keepalive: 60,
    reconnectPeriod: RECONNECT_MS,
    resubscribe: false,
    queueQoSZero: false,
  });
  client.handleMessage = (packet, done) => {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    void onMessage({ topic: packet.topic, payload, receivedAt: now(), isRetained: packet.retain }).then(
      () => done(),
      done,
    );
  };
  client.on('connect', () => {
    client.subscribe(serverSubscriptions(), { qos: 1 }, (error) => {
      if (error) logger.error({ err: error }, 'the broker refused the subscription');
    });
    onConnect();
  });
  client.on('error', (error) => logger.warn({ err: error }, 'broker connection failed; trying again'));
  return client;
}

/** Lets what is on its way arrive, and says goodbye; a broker that does not answer is left without. */
export async function disconnect(client: MqttClient): Promise<void> {
  await within(client.endAsync(), GOODBYE_MS);
  client.stream.destroy();
}
