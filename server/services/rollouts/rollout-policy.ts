import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { findProductionSelector, saveProductionSelector } from '../../db/rollout-policy.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { parseSelector } from '../../domain/device/selector.ts';
import type { Deps } from '../deps.ts';

/** Which devices are production, by a label selector: a rollout that has one of them needs the approval of a second person. */
export const RolloutPolicy = z.object({ productionSelector: z.string().trim().min(1).max(1000).nullable() });
export type RolloutPolicy = z.infer<typeof RolloutPolicy>;

export async function getRolloutPolicy(deps: Pick<Deps, 'db'>, actor: Actor): Promise<RolloutPolicy> {
  requirePermission(actor, 'settings:read');
  return { productionSelector: await findProductionSelector(forTenant(deps.db, actor.organizationId)) };
}

/** @throws AppError `invalid` when the selector is not understood. */
export async function setRolloutPolicy(deps: Pick<Deps, 'db'>, actor: Actor, policy: RolloutPolicy): Promise<void> {
  requirePermission(actor, 'settings:write');
  parseSelector(policy.productionSelector ?? '');
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    await saveProductionSelector(scope, policy.productionSelector);
    await writeAudit(scope, actor, 'rollout-policy.set', { kind: 'organization', id: actor.organizationId }, policy);
  });
}
