import { writeAudit } from '../../db/audit.ts';
import { revokeSession } from '../../db/user-sessions.ts';
import type { Deps } from '../deps.ts';

/** Ends a session at once, in every browser that holds a copy of its cookie. Doing it again changes nothing. */
export async function signOut(deps: Pick<Deps, 'db' | 'now'>, sessionId: string): Promise<void> {
  await deps.db.$transaction(async (tx) => {
    const ended = await revokeSession(tx, sessionId, deps.now());
    if (!ended) return;
    for (const { organizationId, role } of ended.memberships) {
      const actor = { kind: 'user', organizationId, userId: ended.userId, role } as const;
      await writeAudit({ tx, organizationId }, actor, 'session.end', { kind: 'session', id: sessionId });
    }
  });
}
