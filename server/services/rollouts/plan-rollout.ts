import * as z from 'zod';
import { findRelease, type StoredRelease } from '../../db/releases.ts';
import { findTargets } from '../../db/rollout-targets.ts';
import { forTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { notFound } from '../../domain/errors.ts';
import { type DryRunDevice, dryRun } from '../../domain/rollout/dry-run.ts';
import { RolloutPlan } from '../../domain/rollout/plan.ts';
import type { Deps } from '../deps.ts';

export const PlanRollout = z.object({ releaseId: z.uuid(), plan: RolloutPlan });
export type PlanRollout = z.infer<typeof PlanRollout>;

/** What a rollout would do to every device it selects; changes nothing. */
export async function planRollout(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: PlanRollout,
): Promise<{ release: StoredRelease; devices: DryRunDevice[] }> {
  requirePermission(actor, 'rollouts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const release = await findRelease(scope, input.releaseId);
  if (!release) throw notFound('release');
  const targets = await findTargets(scope, input.plan.selector, input.plan.slot);
  return { release, devices: dryRun(input.plan, release.document, targets, deps.now()) };
}
