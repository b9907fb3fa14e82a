import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { findAlertChannel } from '../../db/alerts-channels.ts';
import { insertDeliveries, reviveDelivery } from '../../db/alerts-deliveries.ts';
import { writeAudit } from '../../db/audit.ts';
import { notifyWork } from '../../db/notify.ts';
import { organizationName } from '../../db/organization-name.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { testMessage } from '../../domain/alerts/message.ts';
import { notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

export const TestChannel = z.object({ channelId: z.uuid() });
export type TestChannel = z.infer<typeof TestChannel>;
export const RetryDelivery = z.object({ deliveryId: z.uuid() });
export type RetryDelivery = z.infer<typeof RetryDelivery>;

/** Sends a message that says that nothing is wrong, on the way that every message goes. Its delivery tells how it went. @throws AppError `not_found` */
export async function testChannel(
  deps: Pick<Deps, 'db' | 'now' | 'urls'>,
  actor: Actor,
  { channelId }: TestChannel,
): Promise<{ deliveryId: string }> {
  requirePermission(actor, 'alerts:write');
  const deliveryId = uuidv7();
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    const channel = await findAlertChannel(scope, channelId);
    if (!channel) throw notFound('channel');
    const organization = await organizationName(scope);
    const link = `${deps.urls.api}/${organization.slug}/alerts/channels`;
    const message = testMessage(organization, link, channel.name, deps.now());
    const delivery = { id: deliveryId, channelId, alertId: null, key: `test-${deliveryId}`, message, now: deps.now() };
    await insertDeliveries(scope, [delivery]);
    await writeAudit(scope, actor, 'alert-channel.test', { kind: 'alert-channel', id: channelId });
    await notifyWork(scope, { kind: 'deliveries' });
  });
  return { deliveryId };
}

/** Sends a message again that was given up. @throws AppError `not_found` when there is none that was given up */
export async function retryDelivery(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { deliveryId }: RetryDelivery,
): Promise<void> {
  requirePermission(actor, 'alerts:write');
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    if (!(await reviveDelivery(scope, deliveryId, deps.now()))) throw notFound('message that was given up');
    await writeAudit(scope, actor, 'alert-delivery.retry', { kind: 'alert-delivery', id: deliveryId });
    await notifyWork(scope, { kind: 'deliveries' });
  });
}
