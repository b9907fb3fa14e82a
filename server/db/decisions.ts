import { type Actor, actorId } from '../domain/access/actor.ts';
import { Prisma } from './generated/client.ts';
import { liveNotification } from './notify.ts';
import type { Scope } from './scope.ts';

export type StoredDecision = {
  id: string;
  at: Date;
  actorKind: string;
  actorId: string | null;
  kind: string;
  message: string;
  evidence: unknown;
};

export type NewDecision = { kind: string; message: string; evidence?: object; at: Date };

/** Writes decisions into a rollout's record, in this order, and tells the open consoles. */
export async function insertDecisions(
  { tx, organizationId }: Scope,
  actor: Actor,
  rolloutId: string,
  decisions: readonly NewDecision[],
): Promise<void> {
  const column = <T>(pick: (decision: NewDecision) => T) => decisions.map(pick);
  await tx.$executeRaw(Prisma.sql`
    WITH written AS (
      INSERT INTO rollout_decision (organization_id, rollout_id, at, actor_kind, actor_id, kind, message, evidence)
      SELECT ${organizationId}::uuid, ${rolloutId}::uuid, g.at, ${actor.kind}, ${actorId(actor)}, g.kind, g.message, g.evidence::jsonb
      FROM unnest(${column(({ at }) => at)}::timestamptz[], ${column(({ kind }) => kind)}::text[],
        ${column(({ message }) => message)}::text[], ${column(({ evidence }) => JSON.stringify(evidence ?? {}))}::text[])
        WITH ORDINALITY AS g (at, kind, message, evidence, place) ORDER BY g.place)
    ${liveNotification(organizationId, 'rollout', rolloutId)}`);
}

/** Newest first. */
export async function listDecisions(
  { tx, organizationId }: Scope,
  rolloutId: string,
  page: { limit: number; before?: string | undefined },
): Promise<StoredDecision[]> {
  const where = { organizationId, rolloutId, ...(page.before ? { id: { lt: page.before } } : {}) };
  return tx.rolloutDecision.findMany({
    where,
    orderBy: { id: 'desc' },
    take: page.limit,
    omit: { organizationId: true, rolloutId: true },
  });
}

export type LatestDecision = StoredDecision & { rolloutId: string; rolloutName: string };

/** The newest decisions of all rollouts. */
export async function listLatestDecisions({ tx, organizationId }: Scope, limit: number): Promise<LatestDecision[]> {
  const rows = await tx.rolloutDecision.findMany({
    where: { organizationId },
    include: { rollout: { select: { name: true } } },
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows.map(({ rollout, organizationId: _, ...row }) => ({ ...row, rolloutName: rollout.name }));
}

export type DecisionMark = { at: Date; rolloutId: string; rolloutName: string; kind: string };

/** Decisions of these kinds in a range, of all rollouts, the newest of them, oldest first. */
export async function listDecisionsBetween(
  { tx, organizationId }: Scope,
  { from, to, kinds, limit }: { from: Date; to: Date; kinds: readonly string[]; limit: number },
): Promise<DecisionMark[]> {
  const rows = await tx.rolloutDecision.findMany({
    where: { organizationId, at: { gte: from, lt: to }, kind: { in: [...kinds] } },
    select: { at: true, rolloutId: true, kind: true, rollout: { select: { name: true } } },
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows.map(({ rollout, ...row }) => ({ ...row, rolloutName: rollout.name })).reverse();
}
