import * as z from 'zod';
import { type Label, saveLabels } from '../../db/labels.ts';
import { findVersion, listVersions, type ModelVersion } from '../../db/models.ts';
import { forTenant, inTenant, type Scope } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { LabelInput, MAX_LABELS } from '../../domain/accuracy/label-rows.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';
import { classNames } from '../models/class-names.ts';

export const AddLabels = z.object({
  labels: z.array(LabelInput).min(1).max(MAX_LABELS),
  /** Whose class names the labels use; needed only for labels by name. */
  model: z.string().max(64).optional(),
  /** Absent: the newest version of the model that has a labels file. */
  version: z.string().max(64).optional(),
  /** Where the labels come from, kept with them. */
  source: z.string().max(100).default('api'),
});
export type AddLabels = z.input<typeof AddLabels>;

export type AddedLabels = {
  received: number;
  /** New, or other than before; the rest said what is known already, or is older. */
  changed: number;
  /** Of those changed, how many belong to a prediction that is here; the others wait for theirs. */
  joined: number;
  waiting: number;
};

/**
 * Stores labels of predictions, which may have come or not, and counts them under the hour of the answer. Sending them again changes
 * nothing. @throws AppError `invalid`, pointing at the label, when a name is no class of the model; all or none are stored.
 */
export async function addLabels(
  deps: Pick<Deps, 'db' | 'artifacts' | 'now'>,
  actor: Actor,
  input: AddLabels,
): Promise<AddedLabels> {
  requirePermission(actor, 'labels:write');
  const { labels, model, version, source } = AddLabels.parse(input);
  const isNamed = labels.some(({ label }) => label !== undefined);
  const names = isNamed ? await namesOf(deps, forTenant(deps.db, actor.organizationId), model, version) : [];
  const now = deps.now();
  const byId = new Map<string, Label>();
  for (const [place, given] of labels.entries()) {
    const label = {
      id: given.id,
      class: given.label === undefined ? (given.class ?? null) : indexOf(names, given.label, place),
      value: given.value ?? null,
      at: given.at === undefined ? now : new Date(Math.min(Date.parse(given.at), now.getTime())),
      source,
    };
    const before = byId.get(label.id);
    if (!before || before.at <= label.at) byId.set(label.id, label);
  }
  const { changed, joined } = await inTenant(deps.db, actor.organizationId, (scope) =>
    saveLabels(scope, [...byId.values()]),
  );
  return { received: labels.length, changed, joined, waiting: changed - joined };
}

async function namesOf(
  deps: Pick<Deps, 'artifacts'>,
  scope: Scope,
  model: string | undefined,
  version: string | undefined,
): Promise<string[]> {
  if (model === undefined)
    throw new AppError({
      code: 'invalid',
      reason: 'labels_model',
      userMessage: 'Labels by name need the model whose classes they name: give model, or use class with the index.',
    });
  const found = version === undefined ? await newestLabelled(scope, model) : await findVersion(scope, model, version);
  if (!found) throw notFound('version');
  const names = await classNames(deps, found);
  if (!names)
    throw new AppError({
      code: 'invalid',
      reason: 'labels_file',
      userMessage: `${model} ${found.version} has no labels file, so its classes have no names. Use class with the index.`,
    });
  return names;
}

async function newestLabelled(scope: Scope, model: string): Promise<ModelVersion | null> {
  const versions = await listVersions(scope, model);
  return versions.find(({ files }) => files.some(({ role }) => role === 'labels')) ?? versions[0] ?? null;
}

function indexOf(names: readonly string[], label: string, place: number): number {
  const index = names.indexOf(label);
  if (index >= 0) return index;
  throw new AppError({
    code: 'invalid',
    reason: 'labels',
    userMessage: `"${label}" is no class of the model. Its classes are ${names.slice(0, 20).join(', ')}.`,
    fields: [{ pointer: `/labels/${place}/label`, message: 'is no class of the model' }],
  });
}
