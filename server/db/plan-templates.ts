import { RolloutPlan } from '../domain/rollout/plan.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

export type PlanTemplate = { id: string; name: string; plan: RolloutPlan; createdAt: Date; updatedAt: Date };

/** By name. */
export async function listPlanTemplates({ tx, organizationId }: Scope, limit: number): Promise<PlanTemplate[]> {
  const rows = await tx.planTemplate.findMany({ where: { organizationId }, orderBy: { name: 'asc' }, take: limit });
  return rows.map(({ id, name, plan, createdAt, updatedAt }) => ({
    id,
    name,
    createdAt,
    updatedAt,
    plan: RolloutPlan.parse(plan),
  }));
}

export async function countPlanTemplates({ tx, organizationId }: Scope): Promise<number> {
  return tx.planTemplate.count({ where: { organizationId } });
}

/** Keeps a plan under a name; one that has the name already gives way. */
export async function savePlanTemplate(
  { tx, organizationId }: Scope,
  { name, plan, by, at }: { name: string; plan: RolloutPlan; by: string | null; at: Date },
): Promise<{ id: string }> {
  return tx.planTemplate.upsert({
    where: { organizationId_name: { organizationId, name } },
    create: { organizationId, name, plan: asJson(plan), createdById: by, createdAt: at, updatedAt: at },
    update: { plan: asJson(plan), updatedAt: at },
    select: { id: true },
  });
}

/** False when there is none. */
export async function deletePlanTemplate({ tx, organizationId }: Scope, id: string): Promise<boolean> {
  const { count } = await tx.planTemplate.deleteMany({ where: { organizationId, id } });
  return count > 0;
}
