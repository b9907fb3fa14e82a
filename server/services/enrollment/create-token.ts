import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { type EnrollmentToken, insertToken } from '../../db/enrollment-tokens.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { Labels } from '../../domain/device/labels.ts';
import type { TokenState } from '../../domain/device/token-state.ts';
import { formatCredential, hashSecret, newSecret } from '../../platform/secrets.ts';
import type { Deps } from '../deps.ts';

const MINUTE_S = 60;
const DAY_S = 24 * 3_600;

export const CreateToken = z.object({
  name: z.string().trim().min(1, 'A token needs a name.').max(100),
  /** Labels that every device enrolled with it gets. */
  labels: Labels.default({}),
  maxUses: z.number().int().min(1).max(100_000).default(1),
  expiresInS: z
    .number()
    .int()
    .min(MINUTE_S)
    .max(366 * DAY_S)
    .default(DAY_S),
});
export type CreateToken = z.infer<typeof CreateToken>;

export type TokenView = EnrollmentToken & { state: TokenState };

/** Makes an enrollment token. `secret` is the whole token; it is shown this once. */
export async function createToken(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: CreateToken,
): Promise<{ token: TokenView; secret: string }> {
  requirePermission(actor, 'enrollment:write');
  const [id, secretPart, now] = [uuidv7(), newSecret(), deps.now()];
  const { name, labels, maxUses, expiresInS } = input;
  const token: EnrollmentToken = {
    id,
    name,
    labels,
    maxUses,
    uses: 0,
    expiresAt: new Date(now.getTime() + expiresInS * 1000),
    revokedAt: null,
    createdById: actor.kind === 'user' ? actor.userId : null,
    createdAt: now,
  };
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    await insertToken(scope, { ...token, secretHash: hashSecret(secretPart) });
    const subject = { kind: 'enrollment-token', id };
    await writeAudit(scope, actor, 'enrollment-token.create', subject, { name, labels, maxUses, expiresInS });
    await notifyLive(scope, 'enrollment-token', id);
  });
  return { token: { ...token, state: 'active' }, secret: formatCredential('enr', id, secretPart) };
}
