import type { Scope } from './scope.ts';

/** Versions by id, as a person says them: "vibration-fault 1.5.0". */
export async function listVersionNames({ tx, organizationId }: Scope): Promise<Map<string, string>> {
  const rows = await tx.modelVersion.findMany({
    where: { organizationId },
    select: { id: true, version: true, model: { select: { name: true } } },
  });
  return new Map(rows.map(({ id, version, model }) => [id, `${model.name} ${version}`]));
}
