import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { findToken, markTokenRevoked } from '../../db/enrollment-tokens.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { tokenState } from '../../domain/device/token-state.ts';
import { notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';
import type { TokenView } from './create-token.ts';

export const RevokeToken = z.object({ tokenId: z.uuid() });
export type RevokeToken = z.infer<typeof RevokeToken>;

/** No further device enrolls with it; the ones that did stay. Doing it again changes nothing. @throws AppError `not_found` */
export async function revokeToken(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: RevokeToken,
): Promise<TokenView> {
  requirePermission(actor, 'enrollment:write');
  const now = deps.now();
  return inTenant(deps.db, actor.organizationId, async (scope) => {
    if (await markTokenRevoked(scope, input.tokenId, now)) {
      await writeAudit(scope, actor, 'enrollment-token.revoke', { kind: 'enrollment-token', id: input.tokenId });
      await notifyLive(scope, 'enrollment-token', input.tokenId);
    }
    const token = await findToken(scope, input.tokenId);
    if (!token) throw notFound('enrollment token');
    return { ...token, state: tokenState(token, now) };
  });
}
