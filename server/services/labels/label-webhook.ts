import { v7 as uuidv7 } from 'uuid';
import { writeAudit } from '../../db/audit.ts';
import {
  deleteLabelWebhook,
  findLabelWebhook,
  type LabelWebhook,
  lockLabelWebhook,
  saveLabelWebhook,
} from '../../db/label-webhooks.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { newWebhookSecret } from '../../platform/webhook-signature.ts';
import type { Deps } from '../deps.ts';

/** For so long after a change the secret before it is good too, so that no call is lost while senders are told. */
const OVERLAP_MS = 24 * 3_600_000;

/** `url`: where signed labels are sent. */
export type LabelWebhookView = LabelWebhook & { url: string };

/** Null when the organization takes no signed labels. */
export async function getLabelWebhook(deps: Pick<Deps, 'db' | 'urls'>, actor: Actor): Promise<LabelWebhookView | null> {
  requirePermission(actor, 'settings:read');
  const webhook = await findLabelWebhook(forTenant(deps.db, actor.organizationId));
  return webhook && { ...webhook, url: urlOf(deps, webhook.id) };
}

/** Makes the organization's webhook, or gives it a new secret; the secret is said this once. The one before is good for a day more. */
export async function renewLabelWebhook(
  deps: Pick<Deps, 'db' | 'now' | 'secrets' | 'urls'>,
  actor: Actor,
): Promise<{ webhook: LabelWebhookView; secret: string }> {
  requirePermission(actor, 'settings:write');
  const { organizationId } = actor;
  const secret = newWebhookSecret();
  const now = deps.now();
  return await inTenant(deps.db, organizationId, async (scope) => {
    const before = await lockLabelWebhook(scope);
    const webhook = {
      id: before?.id ?? uuidv7(),
      createdAt: before?.createdAt ?? now,
      renewedAt: now,
      previousUntil: before && new Date(now.getTime() + OVERLAP_MS),
      lastUsedAt: before?.lastUsedAt ?? null,
    };
    const sealedSecret = deps.secrets.seal(secret, webhookSealContext(organizationId, webhook.id));
    await saveLabelWebhook(scope, {
      ...webhook,
      organizationId,
      sealedSecret,
      previousSecret: before?.sealedSecret ?? null,
    });
    const action = before ? 'label-webhook.renew' : 'label-webhook.create';
    await writeAudit(scope, actor, action, { kind: 'label-webhook', id: webhook.id });
    return { webhook: { ...webhook, url: urlOf(deps, webhook.id) }, secret };
  });
}

/** Labels with its signature are refused from now on. Nothing happens when there is none. */
export async function removeLabelWebhook(deps: Pick<Deps, 'db'>, actor: Actor): Promise<void> {
  requirePermission(actor, 'settings:write');
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    const webhook = await findLabelWebhook(scope);
    if (!webhook || !(await deleteLabelWebhook(scope))) return;
    await writeAudit(scope, actor, 'label-webhook.remove', { kind: 'label-webhook', id: webhook.id });
  });
}

/** Binds a sealed secret to its row. */
export function webhookSealContext(organizationId: string, id: string): string {
  return `label_webhook ${organizationId} ${id}`;
}

function urlOf({ urls }: Pick<Deps, 'urls'>, id: string): string {
  return `${urls.api}/api/v1/labels/webhooks/${id}`;
}
