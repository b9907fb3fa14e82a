import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import * as z from 'zod';
import type { Actor } from '../../domain/access/actor.ts';
import { can } from '../../domain/access/actor.ts';
import type { Permission, Role } from '../../domain/access/permissions.ts';
import { isAppError } from '../../domain/errors.ts';
import type { Deps } from '../../services/deps.ts';
import type { LiveHub } from '../live/hub.ts';
import { trpcErrorOf } from './errors.ts';

export type SignedInUser = {
  userId: string;
  name: string;
  email: string;
  sessionId: string;
  memberships: { organizationId: string; slug: string; name: string; role: Role }[];
};

export type TrpcContext = { deps: Deps; user: SignedInUser | null; hub: LiveHub; requestId: string };

/** What every procedure tells: the permission it needs. The security matrix is generated from it. */
export type ProcedureMeta = { permission?: Permission };

/** How often an idle stream says that it is alive, and how long the browser waits before it connects again. */
const PING_MS = 10_000;
const RECONNECT_AFTER_MS = 25_000;

const t = initTRPC
  .context<TrpcContext>()
  .meta<ProcedureMeta>()
  .create({
    transformer: superjson,
    sse: { ping: { enabled: true, intervalMs: PING_MS }, client: { reconnectAfterInactivityMs: RECONNECT_AFTER_MS } },
    errorFormatter: ({ shape, error, ctx }) => {
      const app = isAppError(error.cause) ? error.cause : null;
      const message = app
        ? app.userMessage
        : error.code === 'BAD_REQUEST'
          ? badInput(error.cause)
          : error.code === 'INTERNAL_SERVER_ERROR'
            ? 'Something went wrong on the server. Try again; if it stays, look into the server log.'
            : shape.message;
      return {
        ...shape,
        message,
        data: {
          code: shape.data.code,
          httpStatus: shape.data.httpStatus,
          reason: app?.reason ?? null,
          fields: app?.fields ?? [],
          requestId: ctx?.requestId ?? null,
        },
      };
    },
  });

export const router = t.router;
export const createCaller = t.createCallerFactory;

/** Turns expected failures into tRPC's codes; anything else is a bug and stays an internal error. */
const withErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok) throw trpcErrorOf(result.error.cause) ?? result.error;
  return result;
});

const signedIn = t.middleware(({ ctx, next }) => {
  if (!ctx.user) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Your sign-in has ended. Sign in again.' });
  return next({ ctx: { ...ctx, user: ctx.user } });
});

export const userProcedure = t.procedure.use(withErrors).use(signedIn);

/** A procedure inside one organization, for those whose role grants the permission. Names the organization by its slug, `org`. */
export function orgProcedure(permission: Permission) {
  return userProcedure
    .meta({ permission })
    .input(z.object({ org: z.string().max(100) }))
    .use(({ ctx, input, next }) => {
      const membership = ctx.user.memberships.find(({ slug }) => slug === input.org);
      if (!membership) throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such organization here.' });
      const actor: Actor = {
        kind: 'user',
        organizationId: membership.organizationId,
        userId: ctx.user.userId,
        role: membership.role,
      };
      if (!can(actor, permission))
        throw new TRPCError({ code: 'FORBIDDEN', message: `Your role (${membership.role}) does not allow this.` });
      return next({ ctx: { ...ctx, actor } });
    });
}

function badInput(cause: unknown): string {
  if (!(cause instanceof z.ZodError) && !(cause instanceof z.core.$ZodError))
    return 'The request is not in the right form.';
  const [issue] = cause.issues;
  return issue ? `${issue.path.join('.') || 'Request'}: ${issue.message}` : 'The request is not in the right form.';
}
