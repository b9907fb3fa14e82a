import { countReleasesByRegistry, type RegistryCredential } from '../db/registry-credentials.ts';
import { forTenant } from '../db/scope.ts';
import type { Actor } from '../domain/access/actor.ts';
import type { Deps } from '../services/deps.ts';
import { listCredentials } from '../services/registries/list-credentials.ts';

/** A credential, and how many releases have an image of its registry. */
export type CredentialRow = RegistryCredential & { releases: number };

export async function credentialTable(deps: Pick<Deps, 'db'>, actor: Actor): Promise<CredentialRow[]> {
  const credentials = await listCredentials(deps, actor);
  const counts = await countReleasesByRegistry(forTenant(deps.db, actor.organizationId));
  return credentials.map((each) => ({ ...each, releases: counts.get(each.registry) ?? 0 }));
}
