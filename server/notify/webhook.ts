import { type AlertMessage, messageTypes } from '../domain/alerts/message.ts';
import { signWebhook } from '../platform/webhook-signature.ts';
import type { AddressPolicy } from './address-policy.ts';
import { postJson } from './post-json.ts';

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
