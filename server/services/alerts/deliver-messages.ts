import { findAlertChannel, findSealedSecret } from '../../db/alerts-channels.ts';
import { type ClaimedDelivery, claimDeliveries, settleDelivery } from '../../db/alerts-deliveries.ts';
import { notifyLive } from '../../db/notify.ts';
import { forTenant } from '../../db/scope.ts';
import type { ChannelSettings } from '../../domain/alerts/channel.ts';
import type { AlertMessage } from '../../domain/alerts/message.ts';
import { MAX_ATTEMPTS, retryWaitMs } from '../../domain/alerts/notify.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Deps } from '../deps.ts';
import { channelSealContext } from './save-channel.ts';

/**
 * Sends one message by one channel; resolves when the other side took it. `id` is the same at every try, so that the receiver can tell a
 * repeated one. @throws Error whose message a person may read, without any secret in it.
 */
export type SendMessage = (
  settings: ChannelSettings,
  secret: string | null,
  id: string,
  message: AlertMessage,
) => Promise<void>;

export type DeliverDeps = Pick<Deps, 'db' | 'now' | 'secrets'> & {
  send: SendMessage;
  random: () => number;
  logger: Logger;
};

/** Messages sent at the same time by one worker. */
const BATCH = 20;

/**
 * Sends what is due, each by itself: at least once, tried again with growing waits, given up after {@link MAX_ATTEMPTS}. A sender that is
 * killed leaves its claim, which runs out. Says how many there were.
 */
export async function deliverMessages(deps: DeliverDeps): Promise<number> {
  const claimed = await claimDeliveries(deps.db, deps.now(), BATCH);
  await Promise.all(claimed.map((delivery) => deliver(deps, delivery)));
  return claimed.length;
}

async function deliver(
  deps: DeliverDeps,
  { id, organizationId, channelId, attempts, message }: ClaimedDelivery,
): Promise<void> {
  const scope = forTenant(deps.db, organizationId);
  try {
    const channel = await findAlertChannel(scope, channelId);
    if (!channel) return; // Removed meanwhile, and its deliveries with it.
    const sealed = await findSealedSecret(scope, channelId);
    const secret = sealed === null ? null : deps.secrets.open(sealed, channelSealContext(organizationId, channelId));
    await deps.send(channel.settings, secret, id, message);
    await settleDelivery(scope, id, { state: 'sent', lastError: null, finishedAt: deps.now() });
  } catch (error) {
    const lastError = (error instanceof Error ? error.message : 'unknown').slice(0, 500);
    const isOver = attempts >= MAX_ATTEMPTS;
    deps.logger.warn({ deliveryId: id, channelId, attempts, isOver, reason: lastError }, 'a message was not taken');
    const nextTryAt = new Date(deps.now().getTime() + retryWaitMs(attempts, deps.random()));
    await settleDelivery(
      scope,
      id,
      isOver
        ? { state: 'dead', lastError, finishedAt: deps.now() }
        : { state: 'waiting', lastError, nextTryAt, finishedAt: null },
    );
  }
  await notifyLive(scope, 'alert', id);
}
