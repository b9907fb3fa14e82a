import { listRegistryCredentials, type RegistryCredential } from '../../db/registry-credentials.ts';
import { forTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import type { Deps } from '../deps.ts';

/** The registries that the organization's devices are let into, by name; never a password. */
export async function listCredentials(deps: Pick<Deps, 'db'>, actor: Actor): Promise<RegistryCredential[]> {
  requirePermission(actor, 'settings:read');
  return listRegistryCredentials(forTenant(deps.db, actor.organizationId));
}
