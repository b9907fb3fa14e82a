import { gatherWrites } from '@flotilla/protocol';
import mqtt, { type IConnackPacket, type MqttClient } from 'mqtt';
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
  /** What to subscribe to, given whether the broker shares a subscription among its members. */
  filtersOf: (isSharing: boolean) => string[];
  /** Called for each message; while it is pending the broker is held back. */
  onMessage: (message: IncomingMessage) => Promise<void>;
  /** Called after each (re)connect, when the broker may have forgotten every retained message. */
  onConnect?: () => void;
};

const RECONNECT_MS = 1_000;

/** A broker that does not answer the goodbye by then hangs, or is away. */
const GOODBYE_MS = 2_000;

/** MQTT 3.1.1's answer to a version that the broker does not speak. */
const UNACCEPTABLE_PROTOCOL = 1;

/**
 * A worker's connection to the broker: MQTT 5 where the broker speaks it, else 3.1.1. Its session is clean: retained state comes again at
 * every connect, and spooled data comes again until it is acknowledged, so nothing depends on the broker's memory.
 */
export function connectServerClient(options: ServerClientOptions): MqttClient {
  const { url, clientId, tls, logger, now, filtersOf, onMessage, onConnect } = options;
  const client = mqtt.connect(url, {
    ...tls,
    clientId,
    clean: true,
    protocolVersion: 5,
    keepalive: 60,
    reconnectPeriod: RECONNECT_MS,
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    log: () => undefined, // Its own asks for each line anew whether anybody wants it: 3 % of a worker's time.
  });
  client.handleMessage = (packet, done) => {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    void onMessage({ topic: packet.topic, payload, receivedAt: now(), isRetained: packet.retain }).then(
      () => done(),
      done,
    );
  };
  client.on('connect', (answer) => {
    gatherWrites(client.stream);
    client.options.reconnectPeriod = RECONNECT_MS;
    client.subscribe(filtersOf(isSharing(client, answer)), { qos: 1 }, (error) => {
      if (!error) return;
      logger.error({ err: error }, 'the broker refused the subscription; connecting again');
      client.stream.destroy();
    });
    onConnect?.();
  });
  client.on('error', (error) => {
    if (client.options.protocolVersion === 5 && 'code' in error && error.code === UNACCEPTABLE_PROTOCOL) {
      client.options.protocolVersion = 4;
      client.options.reconnectPeriod = 1;
      return;
    }
    logger.warn({ err: error }, 'broker connection failed; trying again');
  });
  return client;
}

/** Lets what is on its way arrive, and says goodbye; a broker that does not answer is left without. */
export async function disconnect(client: MqttClient): Promise<void> {
  await within(client.endAsync(), GOODBYE_MS);
  client.stream.destroy();
}

/** MQTT 5 has shared subscriptions unless the broker says that it has none. */
function isSharing(client: MqttClient, answer: IConnackPacket): boolean {
  return client.options.protocolVersion === 5 && answer.properties?.sharedSubscriptionAvailable !== false;
}
