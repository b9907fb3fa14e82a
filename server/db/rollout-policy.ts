import { selectorCondition } from './device-filter.ts';
import { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';

/** The selector of the devices that are production; null when none are. */
export async function findProductionSelector({ tx, organizationId }: Scope): Promise<string | null> {
  const row = await tx.organization.findUnique({ where: { id: organizationId }, select: { productionSelector: true } });
  return row?.productionSelector ?? null;
}

export async function saveProductionSelector({ tx, organizationId }: Scope, selector: string | null): Promise<void> {
  await tx.organization.update({ where: { id: organizationId }, data: { productionSelector: selector } });
}

/** Devices of a rollout that are production. */
export async function countProduction(scope: Scope, rolloutId: string): Promise<number> {
  const selector = await findProductionSelector(scope);
  if (selector === null) return 0;
  const { tx, organizationId } = scope;
  const rows = await tx.$queryRaw<{ count: number }[]>(Prisma.sql`
    SELECT count(*)::int AS count FROM deployment p JOIN device d ON d.id = p.device_id
    WHERE p.organization_id = ${organizationId}::uuid AND p.rollout_id = ${rolloutId}::uuid AND ${selectorCondition(selector)}`);
  return rows[0]?.count ?? 0;
}
