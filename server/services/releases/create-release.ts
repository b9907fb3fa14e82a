import { createHash } from 'node:crypto';
import {
  Release,
  ReleaseInput,
  ReleaseObserve,
  ReleaseProof,
  ReleaseRuntime,
  ReleaseSettings,
} from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { isUniqueViolation } from '../../db/client.ts';
import { findVersion, type ModelVersion } from '../../db/models.ts';
import { notifyLive } from '../../db/notify.ts';
import { findRelease, findReleaseByContent, insertRelease, type StoredRelease } from '../../db/releases.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, actorId, requirePermission } from '../../domain/access/actor.ts';
import { canonicalJson } from '../../domain/canonical.ts';
import { notFound } from '../../domain/errors.ts';
import { ModelName, VersionName } from '../../domain/names.ts';
import type { Deps } from '../deps.ts';

export const CreateRelease = z.object({
  model: ModelName,
  version: VersionName,
  runtime: ReleaseRuntime.default({ kind: 'process' }),
  settings: ReleaseSettings.prefault({}),
  input: ReleaseInput.default({ source: 'http' }),
  proof: ReleaseProof.prefault({}),
  observe: ReleaseObserve.prefault({}),
});
export type CreateRelease = z.infer<typeof CreateRelease>;

/** Makes a release of a version, or finds the one that has the same content: the same content has the same id. */
export async function createRelease(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  input: CreateRelease,
): Promise<{ release: StoredRelease; isNew: boolean }> {
  requirePermission(actor, 'releases:write');
  const scope = forTenant(deps.db, actor.organizationId);
  const version = await findVersion(scope, input.model, input.version);
  if (!version) throw notFound(`version ${input.model} ${input.version}`);
  const content = contentOf(version, input);
  const contentHash = createHash('sha256').update(canonicalJson(content)).digest('hex');
  const existing = await findReleaseByContent(scope, contentHash);
  if (existing) return { release: existing, isNew: false };
  const id = uuidv7();
  try {
    await inTenant(deps.db, actor.organizationId, async (inside) => {
      const createdById = actor.kind === 'user' ? actorId(actor) : null;
      await insertRelease(inside, {
        document: Release.parse({ id, ...content }),
        versionId: version.id,
        contentHash,
        createdById,
      });
      await writeAudit(
        inside,
        actor,
        'release.create',
        { kind: 'release', id },
        { model: input.model, version: input.version },
      );
      await notifyLive(inside, 'release', id);
    });
  } catch (error) {
    const winner = isUniqueViolation(error) ? await findReleaseByContent(scope, contentHash) : null;
    if (winner) return { release: winner, isNew: false };
    throw error;
  }
  const release = await findRelease(scope, id);
  if (!release) throw new Error('the release that was just made is gone');
  return { release, isNew: true };
}

function contentOf(
  version: ModelVersion,
  { runtime, settings, input, proof, observe }: CreateRelease,
): Omit<Release, 'id'> {
  return {
    model: { name: version.modelName, version: version.version, sha256: version.sha256, opset: version.facts.opset },
    files: version.files,
    runtime,
    settings,
    input,
    proof,
    observe,
  };
}
