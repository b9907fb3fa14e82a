import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { deleteCredential } from '../../db/registry-credentials.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

export const RemoveCredential = z.object({ credentialId: z.uuid() });
export type RemoveCredential = z.infer<typeof RemoveCredential>;

/** Devices get nothing for this registry any more. A token that one holds ends by itself. @throws AppError `not_found` */
export async function removeCredential(deps: Pick<Deps, 'db'>, actor: Actor, input: RemoveCredential): Promise<void> {
  requirePermission(actor, 'settings:write');
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    if (!(await deleteCredential(scope, input.credentialId))) throw notFound('registry credential');
    const subject = { kind: 'registry-credential', id: input.credentialId };
    await writeAudit(scope, actor, 'registry-credential.remove', subject);
  });
}
