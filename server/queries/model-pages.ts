import * as z from 'zod';
import { listDeviceRows } from '../db/device-list.ts';
import { countOpsetSupport, countServing, listModels, type ModelListRow } from '../db/model-list.ts';
import { findModel, findVersion, listVersions, type Model, type ModelVersion } from '../db/models.ts';
import { listReleases, type StoredRelease } from '../db/releases.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { notFound } from '../domain/errors.ts';
import type { Deps } from '../services/deps.ts';

export const ModelListInput = z.object({
  q: z.string().max(64).optional(),
  cursor: z.string().max(64).optional(),
  limit: z.number().int().min(1).max(200).default(50),
});
export type ModelListInput = z.infer<typeof ModelListInput>;

export async function modelList(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  input: ModelListInput,
): Promise<{ items: ModelListRow[]; nextCursor: string | null }> {
  requirePermission(actor, 'models:read');
  const rows = await listModels(forTenant(deps.db, actor.organizationId), {
    limit: input.limit + 1,
    after: input.cursor,
    q: input.q,
  });
  const items = rows.slice(0, input.limit);
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.name ?? null) : null };
}

export type ModelPage = { model: Model; versions: (ModelVersion & { servingDevices: number })[] };

export async function modelPage(deps: Pick<Deps, 'db'>, actor: Actor, input: { model: string }): Promise<ModelPage> {
  requirePermission(actor, 'models:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const model = await findModel(scope, input.model);
  if (!model) throw notFound('model');
  const versions = await listVersions(scope, input.model);
  const serving = await countServing(
    scope,
    versions.map(({ id }) => id),
  );
  return { model, versions: versions.map((version) => ({ ...version, servingDevices: serving.get(version.id) ?? 0 })) };
}

export type VersionPage = {
  version: ModelVersion;
  releases: StoredRelease[];
  /** Devices that serve it now, first hundred by name. */
  servedBy: { id: string; name: string; since: Date | null }[];
  servingDevices: number;
  /** How many of the organization's devices have a runtime for its opset. */
  support: { devices: number; supporting: number };
};

export async function versionPage(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  input: { model: string; version: string },
): Promise<VersionPage> {
  requirePermission(actor, 'models:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const version = await findVersion(scope, input.model, input.version);
  if (!version) throw notFound('version');
  const [releases, serving, support, devices] = await Promise.all([
    listReleases(scope, { limit: 50, versionId: version.id }),
    countServing(scope, [version.id]),
    countOpsetSupport(scope, version.facts.opset),
    listDeviceRows(scope, { limit: 100, servingVersionId: version.id }),
  ]);
  const servedBy = devices.map(({ id, name, serving: slot }) => ({ id, name, since: slot?.since ?? null }));
  return { version, releases, servedBy, servingDevices: serving.get(version.id) ?? 0, support };
}
