import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { verifyPassword } from '../../auth/passwords.ts';
import { type Account, findAccountByEmail } from '../../db/accounts.ts';
import { writeAudit } from '../../db/audit.ts';
import { insertSession } from '../../db/user-sessions.ts';
import { AppError } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';
import { giveBackAttempt, type Limit, takeAttempt } from '../limits/rate-limit.ts';
import { SESSION_LIFE_MS } from './session-life.ts';

/** Not checked further than it must be: what is not an address belongs to nobody. */
export const SignIn = z.object({
  email: z.string().trim().toLowerCase().max(254),
  password: z.string().max(200),
});
export type SignIn = z.infer<typeof SignIn>;

/** Where it comes from; `address` fills a rate limit. */
export type SignInOrigin = { address: string; userAgent: string | null };

const what = 'failed sign-ins';
const BY_EMAIL: Limit = { name: 'sign-in-email', max: 10, windowS: 900, what };
const BY_ADDRESS: Limit = { name: 'sign-in-address', max: 50, windowS: 900, what };

const MAX_USER_AGENT = 200;

/**
 * Checks a password and starts a session. An unknown address, a wrong password and a disabled account are one answer, in the same time.
 * @throws AppError `unauthenticated`, or `rate_limited` after 10 failures for one e-mail or 50 from one address in 15 minutes.
 */
export async function signIn(
  deps: Pick<Deps, 'db' | 'now'>,
  input: SignIn,
  origin: SignInOrigin,
): Promise<{ sessionId: string; userId: string }> {
  await takeAttempt(deps, BY_ADDRESS, origin.address);
  await takeAttempt(deps, BY_EMAIL, input.email);
  const account = await findAccountByEmail(deps.db, input.email);
  const isRight = await verifyPassword(input.password, account?.passwordHash ?? null);
  if (!account || !isRight || account.disabledAt !== null) {
    throw new AppError({
      code: 'unauthenticated',
      reason: 'wrong_credentials',
      userMessage: 'The e-mail address or the password is wrong. Check both and try again.',
    });
  }
  await giveBackAttempt(deps, BY_ADDRESS, origin.address);
  await giveBackAttempt(deps, BY_EMAIL, input.email);
  return startSession(deps, account, origin);
}

async function startSession(deps: Pick<Deps, 'db' | 'now'>, account: Account, origin: SignInOrigin) {
  const { userId, memberships } = account;
  const [sessionId, now] = [uuidv7(), deps.now()];
  await deps.db.$transaction(async (tx) => {
    await insertSession(tx, {
      id: sessionId,
      userId,
      userAgent: origin.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
      createdAt: now,
      expiresAt: new Date(now.getTime() + SESSION_LIFE_MS),
    });
    for (const { organizationId, role } of memberships) {
      const actor = { kind: 'user', organizationId, userId, role } as const;
      await writeAudit({ tx, organizationId }, actor, 'session.start', { kind: 'session', id: sessionId });
    }
  });
  return { sessionId, userId };
}
