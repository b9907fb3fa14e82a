import { findReleases } from '../db/releases.ts';
import type { Scope } from '../db/scope.ts';

/** How a page names a release: by the version it holds. */
export type ReleaseName = { releaseId: string; versionId: string; modelName: string; version: string };

export async function releaseNames(scope: Scope, ids: readonly (string | null)[]): Promise<Map<string, ReleaseName>> {
  const releases = await findReleases(
    scope,
    ids.flatMap((id) => (id ? [id] : [])),
  );
  return new Map(
    releases.map(({ id, versionId, modelName, version }) => [id, { releaseId: id, versionId, modelName, version }]),
  );
}
