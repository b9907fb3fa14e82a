import * as z from 'zod';
import { type ApiKey, findApiKey, markApiKeyRevoked } from '../../db/api-keys.ts';
import { writeAudit } from '../../db/audit.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

export const RevokeKey = z.object({ keyId: z.uuid() });
export type RevokeKey = z.infer<typeof RevokeKey>;

/** The key is refused from now on. Doing it again changes nothing. @throws AppError `not_found` */
export async function revokeKey(deps: Pick<Deps, 'db' | 'now'>, actor: Actor, input: RevokeKey): Promise<ApiKey> {
  requirePermission(actor, 'api-keys:write');
  return inTenant(deps.db, actor.organizationId, async (scope) => {
    if (await markApiKeyRevoked(scope, input.keyId, deps.now())) {
      await writeAudit(scope, actor, 'api-key.revoke', { kind: 'api-key', id: input.keyId });
    }
    const key = await findApiKey(scope, input.keyId);
    if (!key) throw notFound('API key');
    return key;
  });
}
