import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { closeFindings, findReference, insertReference, saveLearning } from '../../db/drift.ts';
import { findVersion } from '../../db/models.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { LEARN_HOURS, newLearning } from '../../domain/drift/learn.ts';
import { driftKinds } from '../../domain/drift/reference.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

/** A week: longer than that a reference would remember what it shall forget. */
const MAX_LEARN_HOURS = 168;

export const ResetReference = z.object({
  model: z.string().max(64),
  version: z.string().max(64),
  /** Hours of good service to learn from. */
  hours: z.number().int().min(1).max(MAX_LEARN_HOURS).default(LEARN_HOURS),
});
export type ResetReference = z.infer<typeof ResetReference>;

/**
 * Forgets what was learned of a version and learns it anew from now on; open findings end. What the version was registered with stays.
 * @throws AppError `not_found`, and `conflict` when all of it was registered, so that there is nothing to learn.
 */
export async function resetReference(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { model, version, hours }: ResetReference,
): Promise<void> {
  requirePermission(actor, 'models:write');
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    const found = await findVersion(scope, model, version);
    if (!found) throw notFound('version');
    const now = deps.now();
    const reference = await findReference(scope, found.id);
    const registered = new Set(reference?.registered.map(({ kind }) => kind));
    if (registered.size === driftKinds.length)
      throw new AppError({
        code: 'conflict',
        reason: 'reference_registered',
        userMessage: `The reference of ${model} ${version} came with the version, and versions never change. Register a new version to change it.`,
      });
    const learning = newLearning();
    if (reference)
      await saveLearning(scope, {
        versionId: found.id,
        learned: null,
        learning,
        learnedFrom: null,
        learnHours: hours,
        isNew: true,
        now,
      });
    else
      await insertReference(scope, {
        versionId: found.id,
        source: 'learned',
        profile: null,
        learning,
        learnHours: hours,
        now,
      });
    await closeFindings(scope, { versionId: found.id }, 'reference', now);
    await writeAudit(scope, actor, 'model-version.reset-reference', { kind: 'model-version', id: found.id }, { hours });
    await notifyLive(scope, 'model', found.modelId);
  });
}
