import * as z from 'zod';
import { listDecisions, type StoredDecision } from '../db/decisions.ts';
import { userNames } from '../db/rollout-counts.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import type { Deps } from '../services/deps.ts';

export const RolloutDecisionsInput = z.object({
  id: z.uuid(),
  /** The last decision of the page before. */
  cursor: z.uuid().optional(),
  limit: z.number().int().min(1).max(200).default(50),
});
export type RolloutDecisionsInput = z.infer<typeof RolloutDecisionsInput>;

export type RolloutDecision = StoredDecision & { actorName: string | null };

/** Who decided what about a rollout, newest first. */
export async function rolloutDecisions(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  { id, cursor, limit }: RolloutDecisionsInput,
): Promise<{ items: RolloutDecision[]; nextCursor: string | null }> {
  requirePermission(actor, 'rollouts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const rows = await listDecisions(scope, id, { limit: limit + 1, before: cursor });
  const items = rows.slice(0, limit);
  const people = await userNames(
    scope,
    items.map(({ actorKind, actorId }) => (actorKind === 'user' ? actorId : null)),
  );
  return {
    items: items.map((decision) => ({ ...decision, actorName: people.get(decision.actorId ?? '') ?? null })),
    nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null,
  };
}
