import type { Actor } from '../../../domain/access/actor.ts';
import { AppError } from '../../../domain/errors.ts';
import { authenticateKey } from '../../../services/api-keys/authenticate-key.ts';
import type { Deps } from '../../../services/deps.ts';

/** Who asks with the API key of a request. @throws AppError `unauthenticated`, also when there is none. */
export function authenticateBearer(deps: Pick<Deps, 'db' | 'now'>, request: Request): Promise<Actor> {
  const match = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '');
  if (match?.[1]) return authenticateKey(deps, match[1]);
  throw new AppError({
    code: 'unauthenticated',
    reason: 'no_credentials',
    userMessage: 'Send an API key: Authorization: Bearer flt_key_…',
  });
}
