import * as z from 'zod';
import { findLiveSession, type LiveSession, touchSession } from '../../db/user-sessions.ts';
import type { Deps } from '../deps.ts';
import { SESSION_LIFE_MS } from './session-life.ts';

/** A session's last use is written at most this often. */
const TOUCH_INTERVAL_MS = 5 * 60_000;

export type SignedInUser = Omit<LiveSession, 'lastSeenAt'>;

/** Who this session belongs to, now; null when it was revoked, has expired, or its user is disabled. Using it makes it last longer. */
export async function findSession(deps: Pick<Deps, 'db' | 'now'>, sessionId: string): Promise<SignedInUser | null> {
  if (!z.uuid().safeParse(sessionId).success) return null;
  const now = deps.now();
  const session = await findLiveSession(deps.db, sessionId, now);
  if (!session) return null;
  const { lastSeenAt, ...user } = session;
  if (now.getTime() - lastSeenAt.getTime() >= TOUCH_INTERVAL_MS) {
    await touchSession(deps.db, sessionId, now, new Date(now.getTime() + SESSION_LIFE_MS));
  }
  return user;
}
