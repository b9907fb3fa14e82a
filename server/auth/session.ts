import type { AuthOptions } from 'next-auth';
import * as nextAuth from 'next-auth/next';
import { cache } from 'react';
import * as z from 'zod';
import { roles } from '../domain/access/permissions.ts';
import type { SignedInUser } from '../services/accounts/find-session.ts';
import type { Deps } from '../services/deps.ts';
import { authOptions } from './config.ts';

/** What the session callback puts into a session; anything else is nobody. */
const SignedInSession = z.object({
  user: z.object({
    userId: z.uuid(),
    name: z.string(),
    email: z.string(),
    sessionId: z.uuid(),
    memberships: z.array(
      z.object({ organizationId: z.uuid(), slug: z.string(), name: z.string(), role: z.enum(roles) }),
    ),
  }),
});

export type AuthDeps = Pick<Deps, 'db' | 'now'> & { config: { sessionSecret: string; url: string } };

const optionsByDeps = new WeakMap<AuthDeps, AuthOptions>();

/** next-auth's settings for this process's deps, made once. */
export function authOptionsOf(deps: AuthDeps): AuthOptions {
  const { db, now, config } = deps;
  const options = optionsByDeps.get(deps) ?? authOptions({ db, now, secret: config.sessionSecret, url: config.url });
  optionsByDeps.set(deps, options);
  return options;
}

/** Who is signed in in this request, and in which organizations; null for nobody. Within one render it is looked up once. */
export const currentUser: (deps: AuthDeps) => Promise<SignedInUser | null> = cache(async (deps: AuthDeps) =>
  signedInUser(await nextAuth.getServerSession(authOptionsOf(deps))),
);

export function signedInUser(session: unknown): SignedInUser | null {
  return SignedInSession.safeParse(session).data?.user ?? null;
}
