import { createHmac, randomBytes } from 'node:crypto';
import { hashesMatch } from './secrets.ts';

/** How secrets of webhooks begin; the rest is base64, as Standard Webhooks has it. */
const SECRET_PREFIX = 'whsec_';

/** Bytes of a secret: as many as the signature has. */
const SECRET_BYTES = 32;

export function newWebhookSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/**
 * The signature of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, base64, after its version.
 */
export function signWebhook(secret: string, id: string, timestampS: number, body: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')}`;
}

/** Is one of the signatures, which spaces part, made with one of the secrets? */
export function isSignedWith(
  secrets: readonly string[],
  signed: { id: string; timestampS: number; body: string },
  signatures: string,
): boolean {
  const wanted = secrets.map((secret) => signWebhook(secret, signed.id, signed.timestampS, signed.body));
  return signatures.split(' ').some((each) => wanted.some((right) => hashesMatch(right, each)));
}
