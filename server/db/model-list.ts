import { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';

export type ModelListRow = {
  id: string;
  name: string;
  description: string;
  createdAt: Date;
  versions: number;
  latest: { id: string; version: string; createdAt: Date; sizeBytes: number } | null;
  /** How many devices serve each version now. */
  serving: { versionId: string; version: string; devices: number }[];
};

type Raw = Omit<ModelListRow, 'serving' | 'latest'> & {
  serving: ModelListRow['serving'];
  latest: { id: string; version: string; createdAt: string; sizeBytes: number } | null;
};

/** Models in order of name, each with its newest version and what the fleet serves of it. */
export async function listModels(
  { tx, organizationId }: Scope,
  page: { limit: number; after?: string | undefined; q?: string | undefined },
): Promise<ModelListRow[]> {
  const rows = await tx.$queryRaw<Raw[]>(Prisma.sql`
    SELECT m.id, m.name, m.description, m.created_at AS "createdAt",
      (SELECT count(*)::int FROM model_version v WHERE v.model_id = m.id) AS versions,
      (SELECT jsonb_build_object('id', v.id, 'version', v.version, 'createdAt', v.created_at, 'sizeBytes', v.size_bytes)
        FROM model_version v WHERE v.model_id = m.id ORDER BY v.created_at DESC LIMIT 1) AS latest,
      coalesce((SELECT jsonb_agg(x) FROM (
        SELECT v.id AS "versionId", v.version, count(*)::int AS devices FROM device_slot s JOIN device d ON d.id = s.device_id AND d.decommissioned_at IS NULL
          JOIN release r ON r.id = s.serving_release_id JOIN model_version v ON v.id = r.version_id
        WHERE s.organization_id = m.organization_id AND v.model_id = m.id GROUP BY v.id, v.version ORDER BY v.version) x), '[]') AS serving
    FROM model m WHERE m.organization_id = ${organizationId}::uuid
      ${page.after ? Prisma.sql`AND m.name > ${page.after}` : Prisma.empty} ${page.q ? Prisma.sql`AND m.name ILIKE ${`%${page.q}%`}` : Prisma.empty}
    ORDER BY m.name LIMIT ${page.limit}`);
  return rows.map((row) => ({
    ...row,
    latest: row.latest && { ...row.latest, createdAt: new Date(row.latest.createdAt) },
  }));
}

/** Devices that serve each of these versions now. */
export async function countServing(
  { tx, organizationId }: Scope,
  versionIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ version_id: string; devices: number }[]>`
    SELECT r.version_id, count(*)::int AS devices FROM device_slot s JOIN release r ON r.id = s.serving_release_id JOIN device d ON d.id = s.device_id AND d.decommissioned_at IS NULL
    WHERE s.organization_id = ${organizationId}::uuid AND r.version_id = ANY(${versionIds}::uuid[]) GROUP BY 1`;
  return new Map(rows.map((row) => [row.version_id, row.devices]));
}

/** How many of the organization's devices could run a model of this opset, as far as they have said. */
export async function countOpsetSupport(
  { tx, organizationId }: Scope,
  opset: number,
): Promise<{ devices: number; supporting: number }> {
  const [row] = await tx.$queryRaw<{ devices: number; supporting: number }[]>`
    SELECT count(*)::int AS devices, count(*) FILTER (WHERE coalesce((facts ->> 'maxOpset')::int, ${opset}) >= ${opset})::int AS supporting
    FROM device WHERE organization_id = ${organizationId}::uuid AND decommissioned_at IS NULL`;
  return row ?? { devices: 0, supporting: 0 };
}
