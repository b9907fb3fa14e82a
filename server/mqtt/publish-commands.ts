import { topicOf } from '@flotilla/protocol';
import type { MqttClient } from 'mqtt';
import type { Db } from '../db/client.ts';
import { claimDueCommands, expireCommands, markSent } from '../db/command-outbox.ts';
import { notifyLive } from '../db/notify.ts';
import { forTenant } from '../db/scope.ts';
import { resendDelayMs, SILENCE_MS } from '../domain/command/states.ts';

/** Commands in flight at once. */
const WINDOW = 200;

/**
 * Ends commands whose time has run out, and sends those that are due: once more for each that its device has not answered. Returns how many
 * were sent.
 */
export async function publishCommands(
  db: Db,
  client: Pick<MqttClient, 'publishAsync' | 'connected'>,
  now: () => Date,
): Promise<number> {
  await show(db, await expireCommands(db, now(), SILENCE_MS));
  let published = 0;
  while (client.connected) {
    const due = await claimDueCommands(db, now(), WINDOW);
    if (due.length === 0) break;
    await Promise.all(
      due.map(({ deviceId, id, jws }) => client.publishAsync(topicOf(deviceId, 'cmd', id), jws, { qos: 1 })),
    );
    const nextSendAt = ({ sends }: { sends: number }) => new Date(now().getTime() + resendDelayMs(sends));
    const sent = due.map((each) => ({ id: each.id, nextSendAt: nextSendAt(each) }));
    await show(db, await markSent(db, sent, now()));
    published += due.length;
    if (due.length < WINDOW) break;
  }
  return published;
}

async function show(db: Db, changed: readonly { organizationId: string; deviceId: string }[]): Promise<void> {
  for (const { organizationId, deviceId } of changed) {
    await notifyLive(forTenant(db, organizationId), 'command', deviceId);
  }
}
