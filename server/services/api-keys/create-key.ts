import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { type ApiKey, insertApiKey } from '../../db/api-keys.ts';
import { writeAudit } from '../../db/audit.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, can, requirePermission } from '../../domain/access/actor.ts';
import { permissions } from '../../domain/access/permissions.ts';
import { AppError } from '../../domain/errors.ts';
import { formatCredential, hashSecret, newSecret } from '../../platform/secrets.ts';
import type { Deps } from '../deps.ts';

const MINUTE_S = 60;
const YEAR_S = 366 * 24 * 3_600;

export const CreateKey = z.object({
  name: z.string().trim().min(1, 'A key needs a name.').max(100),
  scopes: z.array(z.enum(permissions)).min(1, 'A key needs at least one scope.').max(permissions.length),
  /** Seconds from now; null for a key that lasts until it is revoked. */
  expiresInS: z
    .number()
    .int()
    .min(MINUTE_S)
    .max(2 * YEAR_S)
    .nullable(),
});
export type CreateKey = z.infer<typeof CreateKey>;

/** `flt_key_` and the twelve digits after it, which differ for keys of different milliseconds. */
const PREFIX_LENGTH = 20;

/**
 * Makes an API key. `secret` is the whole key; it is shown this once.
 * @throws AppError `forbidden`, reason `scope_exceeds_own`, for a scope that the creator lacks.
 */
export async function createKey(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: CreateKey,
): Promise<{ key: ApiKey; secret: string }> {
  requirePermission(actor, 'api-keys:write');
  const scopes = [...new Set(input.scopes)];
  const missing = scopes.filter((scope) => !can(actor, scope));
  if (missing.length > 0) {
    throw new AppError({
      code: 'forbidden',
      reason: 'scope_exceeds_own',
      userMessage: `You cannot give a key what you lack yourself: ${missing.join(', ')}. Leave these scopes out.`,
      details: { missing },
    });
  }
  const [id, secretPart, now] = [uuidv7(), newSecret(), deps.now()];
  const secret = formatCredential('key', id, secretPart);
  const key: ApiKey = {
    id,
    name: input.name,
    prefix: secret.slice(0, PREFIX_LENGTH),
    scopes,
    createdById: actor.kind === 'user' ? actor.userId : null,
    createdAt: now,
    expiresAt: input.expiresInS === null ? null : new Date(now.getTime() + input.expiresInS * 1000),
    lastUsedAt: null,
    revokedAt: null,
  };
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    await insertApiKey(scope, { ...key, secretHash: hashSecret(secretPart) });
    await writeAudit(scope, actor, 'api-key.create', { kind: 'api-key', id }, { name: key.name, scopes });
  });
  return { key, secret };
}
