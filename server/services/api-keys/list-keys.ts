import { type ApiKey, listApiKeys } from '../../db/api-keys.ts';
import { forTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import type { Deps } from '../deps.ts';

/** The organization's keys, newest first, revoked and expired ones too. */
export async function listKeys(deps: Pick<Deps, 'db'>, actor: Actor): Promise<ApiKey[]> {
  requirePermission(actor, 'api-keys:read');
  return listApiKeys(forTenant(deps.db, actor.organizationId));
}
