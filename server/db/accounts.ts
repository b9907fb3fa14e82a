import { isRole, type Role } from '../domain/access/permissions.ts';
import type { Tx } from './client.ts';

export type Membership = { organizationId: string; slug: string; name: string; role: Role };

export type Account = {
  userId: string;
  name: string;
  email: string;
  passwordHash: string;
  disabledAt: Date | null;
  memberships: Membership[];
};

export const withMemberships = {
  memberships: { include: { organization: true }, orderBy: { createdAt: 'asc' } },
} as const;

export async function hasAnyUser(tx: Tx): Promise<boolean> {
  return (await tx.user.findFirst({ select: { id: true } })) !== null;
}

/** Until the transaction ends, no other process decides whether this installation has an owner. */
export async function lockSetUp(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('flotilla.set-up', 0))`;
}

export type NewOwner = {
  organizationId: string;
  organizationName: string;
  slug: string;
  userId: string;
  name: string;
  email: string;
  passwordHash: string;
};

export async function insertOwner(tx: Tx, owner: NewOwner): Promise<void> {
  const { organizationId, organizationName, slug, userId, name, email, passwordHash } = owner;
  await tx.organization.create({ data: { id: organizationId, slug, name: organizationName } });
  await tx.user.create({ data: { id: userId, name, email, passwordHash } });
  await tx.membership.create({ data: { organizationId, userId, role: 'owner' } });
}

export async function findAccountByEmail(tx: Tx, email: string): Promise<Account | null> {
  const user = await tx.user.findUnique({ where: { email }, include: withMemberships });
  if (!user) return null;
  const { id, name, passwordHash, disabledAt } = user;
  return { userId: id, name, email, passwordHash, disabledAt, memberships: user.memberships.map(toMembership) };
}

export function toMembership(row: {
  organizationId: string;
  role: string;
  organization: { slug: string; name: string };
}): Membership {
  if (!isRole(row.role)) throw new Error(`the database holds an unknown role: ${row.role}`);
  return {
    organizationId: row.organizationId,
    slug: row.organization.slug,
    name: row.organization.name,
    role: row.role,
  };
}
