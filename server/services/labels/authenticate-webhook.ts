import * as z from 'zod';
import { findSealedLabelWebhook, touchLabelWebhook } from '../../db/label-webhooks.ts';
import { forTenant } from '../../db/scope.ts';
import type { Actor } from '../../domain/access/actor.ts';
import { AppError } from '../../domain/errors.ts';
import { isSignedWith } from '../../platform/webhook-signature.ts';
import type { Deps } from '../deps.ts';
import { webhookSealContext } from './label-webhook.ts';

/** How far a call's time may lie from ours: a call that somebody kept is refused after it. */
const TOLERANCE_S = 5 * 60;

/** The last use is written at most this often. */
const TOUCH_INTERVAL_MS = 60_000;

/** The headers of Standard Webhooks; null where one is missing. */
export type SignedHeaders = { id: string | null; timestamp: string | null; signature: string | null };

export type WebhookActor = Extract<Actor, { kind: 'label-webhook' }>;

/**
 * Who signed this call. `readBody` is called only for a webhook that is there and a time that is near.
 * @throws AppError `unauthenticated`, reason `webhook_signature` or `webhook_time`
 */
export async function authenticateWebhook(
  deps: Pick<Deps, 'db' | 'now' | 'secrets'>,
  webhookId: string,
  { id, timestamp, signature }: SignedHeaders,
  readBody: () => Promise<string>,
): Promise<WebhookActor> {
  const now = deps.now();
  const timestampS = signedTimeOf(timestamp);
  if (!id || !signature || timestampS === null)
    throw refusal('webhook_signature', 'Sign the call: webhook-id, webhook-timestamp and webhook-signature.');
  const webhook = z.uuid().safeParse(webhookId).success ? await findSealedLabelWebhook(deps.db, webhookId) : null;
  if (!webhook) throw wrongSignature();
  if (Math.abs(now.getTime() / 1000 - timestampS) > TOLERANCE_S)
    throw refusal(
      'webhook_time',
      `The signed time must lie within ${TOLERANCE_S / 60} minutes of the server’s. Set the sender’s clock, and sign each try anew.`,
    );
  const context = webhookSealContext(webhook.organizationId, webhook.id);
  const isOverlap = webhook.previousUntil !== null && webhook.previousUntil > now;
  const sealed = [webhook.sealedSecret, ...(webhook.previousSecret && isOverlap ? [webhook.previousSecret] : [])];
  const secrets = sealed.map((each) => deps.secrets.open(each, context));
  if (!isSignedWith(secrets, { id, timestampS, body: await readBody() }, signature)) throw wrongSignature();
  if (webhook.lastUsedAt === null || now.getTime() - webhook.lastUsedAt.getTime() >= TOUCH_INTERVAL_MS)
    await touchLabelWebhook(forTenant(deps.db, webhook.organizationId), now);
  return { kind: 'label-webhook', organizationId: webhook.organizationId, webhookId: webhook.id };
}

/** Whole seconds since 1970; null for anything else. */
export function signedTimeOf(timestamp: string | null): number | null {
  return timestamp !== null && /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : null;
}

function wrongSignature(): AppError {
  return refusal(
    'webhook_signature',
    'The signature is not right for this webhook: HMAC-SHA256 over id.timestamp.body, with its secret.',
  );
}

function refusal(reason: string, userMessage: string): AppError {
  return new AppError({ code: 'unauthenticated', reason, userMessage });
}
