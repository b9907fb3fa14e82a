import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { isUniqueViolation } from '../../db/client.ts';
import { insertModel, type Model } from '../../db/models.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { AppError } from '../../domain/errors.ts';
import { ModelName } from '../../domain/names.ts';
import type { Deps } from '../deps.ts';

export const CreateModel = z.object({ name: ModelName, description: z.string().max(2_000).default('') });
export type CreateModel = z.infer<typeof CreateModel>;

/** Makes a model without versions. @throws AppError `conflict` when the name is taken. */
export async function createModel(deps: Pick<Deps, 'db'>, actor: Actor, input: CreateModel): Promise<Model> {
  requirePermission(actor, 'models:write');
  try {
    return await inTenant(deps.db, actor.organizationId, async (scope) => {
      const model = await insertModel(scope, input.name, input.description);
      await writeAudit(scope, actor, 'model.create', { kind: 'model', id: model.id }, { name: model.name });
      await notifyLive(scope, 'model', model.id);
      return model;
    });
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause;
    throw new AppError({
      code: 'conflict',
      reason: 'model_exists',
      userMessage: `There is a model "${input.name}" already. Register the file as a new version of it.`,
      cause,
    });
  }
}
