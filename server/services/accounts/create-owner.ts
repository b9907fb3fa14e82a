import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { hashPassword } from '../../auth/passwords.ts';
import { hasAnyUser, insertOwner, lockSetUp } from '../../db/accounts.ts';
import { writeAudit } from '../../db/audit.ts';
import { inTenant } from '../../db/scope.ts';
import { Email, NewPassword, OrganizationName, PersonName, slugOf } from '../../domain/access/account.ts';
import { AppError } from '../../domain/errors.ts';
import { giveDefaultRules } from '../alerts/give-defaults.ts';
import type { Deps } from '../deps.ts';

export const CreateOwner = z.object({
  organizationName: OrganizationName,
  name: PersonName,
  email: Email,
  password: NewPassword,
});
export type CreateOwner = z.infer<typeof CreateOwner>;

/**
 * The first visit: makes the organization and its owner. Two first visitors at once: one wins.
 * @throws AppError `conflict`, reason `already_set_up`, when there is a user already.
 */
export async function createOwner(
  deps: Pick<Deps, 'db'>,
  input: CreateOwner,
): Promise<{ organizationId: string; slug: string; userId: string }> {
  // Asked before hashing too: this door is open to everybody, and a hash is expensive.
  if (await hasAnyUser(deps.db)) throw alreadySetUp();
  const passwordHash = await hashPassword(input.password);
  const [organizationId, userId, slug] = [uuidv7(), uuidv7(), slugOf(input.organizationName)];
  await inTenant(deps.db, organizationId, async (scope) => {
    await lockSetUp(scope.tx);
    if (await hasAnyUser(scope.tx)) throw alreadySetUp();
    const { name, email, organizationName } = input;
    await insertOwner(scope.tx, { organizationId, organizationName, slug, userId, name, email, passwordHash });
    await giveDefaultRules(scope, new Date());
    const owner = { kind: 'user', organizationId, userId, role: 'owner' } as const;
    await writeAudit(scope, owner, 'organization.create', { kind: 'organization', id: organizationId }, { slug });
  });
  return { organizationId, slug, userId };
}

function alreadySetUp(): AppError {
  return new AppError({
    code: 'conflict',
    reason: 'already_set_up',
    userMessage: 'This installation has its owner already. Sign in, or ask the owner for an account.',
  });
}
