import { topicOf } from '@flotilla/protocol';
import type { MqttClient } from 'mqtt';
import type { Db } from '../db/client.ts';
import { clearOutbox, readOutbox } from '../db/outbox.ts';

/** Messages read, and publishes in flight, at once: more gains nothing against the broker. */
const WINDOW = 200;

/** Publishes what waits in the outbox, retained, and forgets it when the broker has it. Returns how many were published. */
export async function publishOutbox(db: Db, client: Pick<MqttClient, 'publishAsync' | 'connected'>): Promise<number> {
  let published = 0;
  while (client.connected) {
    const { ids, messages } = await readOutbox(db, WINDOW);
    if (ids.length === 0) break;
    await Promise.all(
      messages.map(({ deviceId, jws }) =>
        client.publishAsync(topicOf(deviceId, 'desired'), jws, { qos: 1, retain: true }),
      ),
    );
    await clearOutbox(db, ids, messages);
    published += messages.length;
  }
  return published;
}
