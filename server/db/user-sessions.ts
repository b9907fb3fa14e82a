import { type Membership, toMembership, withMemberships } from './accounts.ts';
import type { Tx } from './client.ts';

export type LiveSession = {
  sessionId: string;
  userId: string;
  name: string;
  email: string;
  lastSeenAt: Date;
  memberships: Membership[];
};

export async function insertSession(
  tx: Tx,
  session: { id: string; userId: string; userAgent: string | null; createdAt: Date; expiresAt: Date },
): Promise<void> {
  await tx.userSession.create({ data: { ...session, lastSeenAt: session.createdAt } });
}

/** A session that is neither revoked nor expired, of a user who is not disabled. */
export async function findLiveSession(tx: Tx, sessionId: string, now: Date): Promise<LiveSession | null> {
  const row = await tx.userSession.findFirst({
    where: { id: sessionId, revokedAt: null, expiresAt: { gt: now }, user: { disabledAt: null } },
    include: { user: { include: withMemberships } },
  });
  if (!row) return null;
  const { userId, lastSeenAt, user } = row;
  const memberships = user.memberships.map(toMembership);
  return { sessionId, userId, name: user.name, email: user.email, lastSeenAt, memberships };
}

/** Does nothing for a session that was revoked in the meantime. */
export async function touchSession(tx: Tx, sessionId: string, now: Date, expiresAt: Date): Promise<void> {
  await tx.userSession.updateMany({ where: { id: sessionId, revokedAt: null }, data: { lastSeenAt: now, expiresAt } });
}

/** Ends a session. Says whose it was, or null when it had ended already. */
export async function revokeSession(
  tx: Tx,
  sessionId: string,
  now: Date,
): Promise<{ userId: string; memberships: Membership[] } | null> {
  const { count } = await tx.userSession.updateMany({
    where: { id: sessionId, revokedAt: null },
    data: { revokedAt: now },
  });
  if (count === 0) return null;
  const row = await tx.userSession.findUniqueOrThrow({
    where: { id: sessionId },
    include: { user: { include: withMemberships } },
  });
  return { userId: row.userId, memberships: row.user.memberships.map(toMembership) };
}
