import { randomUUID } from 'node:crypto';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { currentUser } from '../../auth/session.ts';
import { webDeps } from '../../main/web-deps.ts';
import { trpcErrorOf } from './errors.ts';
import { appRouter } from './root.ts';

/** tRPC over fetch. Only the console calls it, with its session cookie; a foreign site's request carries none (SameSite=Lax) and no write is a GET. */
export async function handleTrpc(request: Request): Promise<Response> {
  const deps = await webDeps();
  const requestId = randomUUID();
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    allowMethodOverride: true, // Queries come by POST: a plan of many waves does not fit into an address.
    createContext: async () => ({ deps, hub: deps.hub, requestId, user: await currentUser(deps).catch(rethrow) }),
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR' || error.code === 'SERVICE_UNAVAILABLE')
        deps.logger.error({ err: error.cause ?? error, path, requestId }, 'a procedure failed');
    },
    responseMeta: () => ({ headers: new Headers({ 'x-request-id': requestId, 'cache-control': 'no-store' }) }),
  });
}

function rethrow(error: unknown): never {
  throw trpcErrorOf(error) ?? error;
}
