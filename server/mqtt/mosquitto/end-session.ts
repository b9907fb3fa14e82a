import { topicOf } from '@flotilla/protocol';
import mqtt from 'mqtt';
import type { TlsMaterial } from '../../pki/tls.ts';

const CONNECT_TIMEOUT_MS = 3_000;

/** What the broker keeps under a device's name, whoever wrote it. */
const retainedKinds = ['session', 'reported', 'desired'] as const;

/**
 * Ends a device's session by taking it over: MQTT allows one connection per client id, and the servers' listener lets us have any. What
 * was queued for it goes with it. With `forget`, so do its retained messages. @throws Error when the broker cannot be reached.
 */
export async function endSession(
  url: string,
  tls: TlsMaterial,
  deviceId: string,
  options: { forget: boolean },
): Promise<void> {
  const client = await mqtt.connectAsync(
    url,
    { ...tls, clientId: deviceId, clean: true, reconnectPeriod: 0, connectTimeout: CONNECT_TIMEOUT_MS },
    false,
  );
  client.on('error', () => undefined);
  try {
    if (!options.forget) return;
    for (const kind of retainedKinds) await client.publishAsync(topicOf(deviceId, kind), '', { qos: 1, retain: true });
  } finally {
    await client.endAsync();
  }
}
