import { findApiKeySecret, touchApiKey } from '../../db/api-keys.ts';
import { forTenant } from '../../db/scope.ts';
import type { Actor } from '../../domain/access/actor.ts';
import { AppError } from '../../domain/errors.ts';
import { hashesMatch, hashSecret, parseCredential } from '../../platform/secrets.ts';
import type { Deps } from '../deps.ts';

/** A key's last use is written at most this often. */
const TOUCH_INTERVAL_MS = 60_000;

/**
 * Who asks with this API key.
 * @throws AppError `unauthenticated`, reason `key_unknown`, `key_revoked` or `key_expired`; the last two only to who holds the whole key.
 */
export async function authenticateKey(
  deps: Pick<Deps, 'db' | 'now'>,
  text: string,
): Promise<Extract<Actor, { kind: 'api-key' }>> {
  const credential = parseCredential('key', text);
  const key = credential && (await findApiKeySecret(deps.db, credential.id));
  if (!credential || !key || !hashesMatch(hashSecret(credential.secret), key.secretHash)) {
    throw refusal('key_unknown', 'This is not a valid API key. Copy it again, or make a new one under API keys.');
  }
  const now = deps.now();
  if (key.revokedAt !== null) throw refusal('key_revoked', 'This API key was revoked. Make a new one under API keys.');
  if (key.expiresAt !== null && key.expiresAt.getTime() <= now.getTime()) {
    throw refusal(
      'key_expired',
      `This API key expired at ${key.expiresAt.toISOString()}. Make a new one under API keys.`,
    );
  }
  if (key.lastUsedAt === null || now.getTime() - key.lastUsedAt.getTime() >= TOUCH_INTERVAL_MS) {
    await touchApiKey(forTenant(deps.db, key.organizationId), key.id, now);
  }
  return { kind: 'api-key', organizationId: key.organizationId, keyId: key.id, scopes: key.scopes };
}

function refusal(reason: string, userMessage: string): AppError {
  return new AppError({ code: 'unauthenticated', reason, userMessage });
}
