import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import {
  countPlanTemplates,
  deletePlanTemplate,
  listPlanTemplates,
  type PlanTemplate,
  savePlanTemplate,
} from '../../db/plan-templates.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, actorId, requirePermission } from '../../domain/access/actor.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import { RolloutPlan } from '../../domain/rollout/plan.ts';
import type { Deps } from '../deps.ts';

/** Plans that an organization may keep. */
const MAX_TEMPLATES = 200;

export const SaveTemplate = z.object({ name: z.string().trim().min(1).max(80), plan: RolloutPlan });
export type SaveTemplate = z.infer<typeof SaveTemplate>;

export async function listTemplates(deps: Pick<Deps, 'db'>, actor: Actor): Promise<PlanTemplate[]> {
  requirePermission(actor, 'rollouts:read');
  return listPlanTemplates(forTenant(deps.db, actor.organizationId), MAX_TEMPLATES);
}

/** Keeps a plan under a name for the whole organization; the same name again replaces it. */
export async function saveTemplate(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { name, plan }: SaveTemplate,
): Promise<{ id: string }> {
  requirePermission(actor, 'rollouts:write');
  return inTenant(deps.db, actor.organizationId, async (scope) => {
    if ((await countPlanTemplates(scope)) >= MAX_TEMPLATES) {
      throw new AppError({
        code: 'conflict',
        reason: 'too_many_templates',
        userMessage: `There are ${MAX_TEMPLATES} plans already. Delete one that nobody uses.`,
      });
    }
    const by = actor.kind === 'user' ? actorId(actor) : null;
    const { id } = await savePlanTemplate(scope, { name, plan, by, at: deps.now() });
    await writeAudit(scope, actor, 'plan-template.save', { kind: 'plan-template', id }, { name });
    return { id };
  });
}

export async function deleteTemplate(deps: Pick<Deps, 'db'>, actor: Actor, { id }: { id: string }): Promise<void> {
  requirePermission(actor, 'rollouts:write');
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    if (!(await deletePlanTemplate(scope, id))) throw notFound('plan template');
    await writeAudit(scope, actor, 'plan-template.delete', { kind: 'plan-template', id }, {});
  });
}
