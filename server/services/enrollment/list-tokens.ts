import { listEnrollmentTokens } from '../../db/enrollment-tokens.ts';
import { forTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { tokenState } from '../../domain/device/token-state.ts';
import type { Deps } from '../deps.ts';
import type { TokenView } from './create-token.ts';

/** The organization's enrollment tokens with their states as of now, newest first. */
export async function listTokens(deps: Pick<Deps, 'db' | 'now'>, actor: Actor): Promise<TokenView[]> {
  requirePermission(actor, 'enrollment:read');
  const tokens = await listEnrollmentTokens(forTenant(deps.db, actor.organizationId));
  const now = deps.now();
  return tokens.map((token) => ({ ...token, state: tokenState(token, now) }));
}
