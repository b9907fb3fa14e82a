import { createHmac } from 'node:crypto';
import { type AlertMessage, messageTypes } from '../domain/alerts/message.ts';
import type { AddressPolicy } from './address-policy.ts';
import { postJson } from './post-json.ts';

/** How secrets of webhooks begin; the rest is base64, as Standard Webhooks has it. */
const SECRET_PREFIX = 'whsec_';

/**
 * The signature of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, base64, after its version.
 */
export function signWebhook(secret: string, id: string, timestampS: number, body: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')}`;
}

/** What a program gets: `{type, timestamp, data}`. */
export function webhookBody({ kind, at, ...data }: AlertMessage): string {
  return JSON.stringify({ type: messageTypes[kind], timestamp: at, data });
}

/** Tells a program. The time in the signature is that of the try, so that a receiver may refuse old ones. */
export async function sendWebhook(
  { url, secret }: { url: string; secret: string },
  id: string,
  message: AlertMessage,
  now: Date,
  policy: AddressPolicy,
): Promise<void> {
  const body = webhookBody(message);
  const timestampS = Math.floor(now.getTime() / 1000);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': signWebhook(secret, id, timestampS, body),
  };
  await postJson(url, body, headers, policy);
}
