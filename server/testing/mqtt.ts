import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { TestBroker } from './broker.ts';
import type { EnrolledDevice } from './enrollment.ts';

export type Received = { topic: string; text: string; retain: boolean };
export type TestClient = { mqtt: MqttClient; received: Received[]; closed: Promise<void>; end: () => Promise<void> };

/** Options of a device as it would connect by itself; a test bends one of them. */
export function deviceOptions(device: EnrolledDevice): IClientOptions {
  const { deviceId, certificate, privateKeyPem, response } = device;
  return {
    clientId: deviceId,
    username: deviceId,
    cert: certificate,
    key: privateKeyPem,
    ca: response.ca,
    clean: true,
  };
}

/** Connects, or throws what the broker answered. It does not reconnect by itself. */
export async function connectTo(url: string, options: IClientOptions): Promise<TestClient> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, protocolVersion: 4, connectTimeout: 5_000, ...options });
  const received: Received[] = [];
  client.on('message', (topic, payload, { retain }) => received.push({ topic, text: payload.toString(), retain }));
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const failed = closed.then(() => {
    throw new Error('the broker closed the connection');
  });
  const error = new Promise<never>((_, reject) => client.once('error', reject));
  try {
    await Promise.race([new Promise((resolve) => client.once('connect', resolve)), error, failed]);
  } catch (cause) {
    client.end(true);
    throw cause;
  } finally {
    for (const pending of [failed, error]) pending.catch(() => undefined);
    client.on('error', () => undefined);
  }
  return { mqtt: client, received, closed, end: () => client.endAsync() };
}

export function connectDevice(
  broker: Pick<TestBroker, 'deviceUrl'>,
  device: EnrolledDevice,
  more: IClientOptions = {},
): Promise<TestClient> {
  return connectTo(broker.deviceUrl, { ...deviceOptions(device), ...more });
}

export function connectServer(
  broker: Pick<TestBroker, 'serverUrl' | 'serverTls'>,
  clientId = 'server-test',
): Promise<TestClient> {
  return connectTo(broker.serverUrl, { ...broker.serverTls, clientId });
}
