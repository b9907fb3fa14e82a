import { topicOf } from '@flotilla/protocol';
import type { MqttClient } from 'mqtt';
import type { Db } from '../db/client.ts';
import { clearOutbox, type OutboxMessage, readOutbox } from '../db/outbox.ts';

/** Messages read, and forgotten, at once: more than one transaction of a rollout puts in. */
const READ_AT_ONCE = 3_000;

/** Publishes under way at once: below the 1,000 that Mosquitto allows, with room for acknowledgements. More gain nothing. */
const MAX_IN_FLIGHT = 200;

type Publisher = Pick<MqttClient, 'publishAsync' | 'connected'>;

/**
 * Publishes what waits in the outbox, retained, and forgets it when the broker has it. Returns how many were published. What is written
 * meanwhile tells itself by a notification of its own.
 */
export async function publishOutbox(db: Db, client: Publisher): Promise<number> {
  let published = 0;
  while (client.connected) {
    const { ids, messages } = await readOutbox(db, READ_AT_ONCE);
    if (ids.length === 0) break;
    await publishAll(client, messages);
    const backAgain = await clearOutbox(db, ids, messages);
    published += messages.length;
    if (ids.length < READ_AT_ONCE && backAgain === 0) break;
  }
  return published;
}

/** Keeps so many publishes under way until the broker has all. The first failure ends it: what was read stays in the outbox. */
async function publishAll(client: Publisher, messages: readonly OutboxMessage[]): Promise<void> {
  const queue = messages.values();
  const lanes = Array.from({ length: Math.min(MAX_IN_FLIGHT, messages.length) }, async () => {
    for (const { deviceId, jws } of queue)
      await client.publishAsync(topicOf(deviceId, 'desired'), jws, { qos: 1, retain: true });
  });
  await Promise.all(lanes);
}
