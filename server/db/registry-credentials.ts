import type { Scope } from './scope.ts';

export type RegistryCredential = {
  id: string;
  registry: string;
  username: string;
  createdById: string | null;
  createdAt: Date;
  lastUsedAt: Date | null;
};

/** Registries of one organization that a page shows. */
const MAX_CREDENTIALS = 200;

const hidden = { organizationId: true, sealedPassword: true } as const;

/** Takes the place of what was there for this registry. */
export async function replaceCredential(
  { tx, organizationId }: Scope,
  credential: RegistryCredential & { sealedPassword: string },
): Promise<void> {
  await tx.registryCredential.deleteMany({ where: { organizationId, registry: credential.registry } });
  await tx.registryCredential.create({ data: { ...credential, organizationId } });
}

export function listRegistryCredentials({ tx, organizationId }: Scope): Promise<RegistryCredential[]> {
  const orderBy = { registry: 'asc' } as const;
  return tx.registryCredential.findMany({ where: { organizationId }, omit: hidden, orderBy, take: MAX_CREDENTIALS });
}

export async function findSealedCredential(
  { tx, organizationId }: Scope,
  registry: string,
): Promise<{ id: string; username: string; sealedPassword: string } | null> {
  return tx.registryCredential.findFirst({
    where: { organizationId, registry },
    select: { id: true, username: true, sealedPassword: true },
  });
}

export async function touchCredential({ tx, organizationId }: Scope, id: string, now: Date): Promise<void> {
  await tx.registryCredential.updateMany({ where: { organizationId, id }, data: { lastUsedAt: now } });
}

/** False when there was none. */
export async function deleteCredential({ tx, organizationId }: Scope, id: string): Promise<boolean> {
  const { count } = await tx.registryCredential.deleteMany({ where: { organizationId, id } });
  return count > 0;
}

/** Releases that have an image of a registry, by the registry; a companion's image counts as well. */
export async function countReleasesByRegistry({ tx, organizationId }: Scope): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ registry: string; releases: number }[]>`
    SELECT lower(split_part(image, '/', 1)) AS registry, count(DISTINCT r.id)::int AS releases FROM release r,
      LATERAL (SELECT r.document -> 'runtime' ->> 'image' AS image
        UNION ALL SELECT c ->> 'image' FROM jsonb_array_elements(COALESCE(r.document -> 'runtime' -> 'companions', '[]'::jsonb)) c) images
    WHERE r.organization_id = ${organizationId}::uuid AND image IS NOT NULL GROUP BY 1`;
  return new Map(rows.map(({ registry, releases }) => [registry, releases]));
}
