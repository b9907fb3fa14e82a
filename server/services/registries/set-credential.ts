import { v7 as uuidv7 } from 'uuid';
import { writeAudit } from '../../db/audit.ts';
import { type RegistryCredential, replaceCredential } from '../../db/registry-credentials.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import type { SetCredential } from '../../domain/release/registry-credential.ts';
import type { Deps } from '../deps.ts';

/** Lets the organization's devices into a registry, in place of what was set for it before. The password is never given out again here. */
export async function setCredential(
  deps: Pick<Deps, 'db' | 'now' | 'secrets'>,
  actor: Actor,
  input: SetCredential,
): Promise<RegistryCredential> {
  requirePermission(actor, 'settings:write');
  const id = uuidv7();
  const { registry, username, password } = input;
  const credential = {
    id,
    registry,
    username,
    createdById: actor.kind === 'user' ? actor.userId : null,
    createdAt: deps.now(),
    lastUsedAt: null,
  };
  const sealedPassword = deps.secrets.seal(password, sealContext(actor.organizationId, id));
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    await replaceCredential(scope, { ...credential, sealedPassword });
    const subject = { kind: 'registry-credential', id };
    await writeAudit(scope, actor, 'registry-credential.set', subject, { registry, username });
  });
  return credential;
}

/** Binds a sealed password to its row. */
export function sealContext(organizationId: string, id: string): string {
  return `registry_credential ${organizationId} ${id}`;
}
