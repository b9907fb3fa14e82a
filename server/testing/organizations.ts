import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../db/client.ts';
import type { Actor } from '../domain/access/actor.ts';
import type { Role } from '../domain/access/permissions.ts';

type UserActor = Extract<Actor, { kind: 'user' }>;
export type TestOrganization = { organizationId: string; owner: UserActor };

/** A tenant of its own with an owner. Nobody can sign in to it; use `createOwner` for that. */
export async function createTestOrganization(db: Db): Promise<TestOrganization> {
  const organizationId = uuidv7();
  const name = `Test ${randomBytes(6).toString('hex')}`;
  await db.organization.create({ data: { id: organizationId, slug: name.toLowerCase().replace(' ', '-'), name } });
  return { organizationId, owner: await createTestMember(db, organizationId, 'owner') };
}

/** One more person of that organization, in any role. */
export async function createTestMember(db: Db, organizationId: string, role: Role): Promise<UserActor> {
  const userId = uuidv7();
  const email = `${role}-${userId}@example.test`;
  await db.user.create({ data: { id: userId, email, name: `A test ${role}`, passwordHash: 'nobody signs in' } });
  await db.membership.create({ data: { organizationId, userId, role } });
  return { kind: 'user', organizationId, userId, role };
}
