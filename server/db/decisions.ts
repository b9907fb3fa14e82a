import { type Actor, actorId } from '../domain/access/actor.ts';
import { asJson } from './json.ts';
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

export async function insertDecision(
  { tx, organizationId }: Scope,
  actor: Actor,
  rolloutId: string,
  at: Date,
  decision: { kind: string; message: string; evidence?: object },
): Promise<void> {
  const { kind, message, evidence } = decision;
  await tx.rolloutDecision.create({
    data: {
      organizationId,
      rolloutId,
      at,
      actorKind: actor.kind,
      actorId: actorId(actor),
      kind,
      message,
      evidence: asJson(evidence ?? {}),
    },
  });
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
