import { RolloutPlan } from '../domain/rollout/plan.ts';
import { isRolloutFinished, type RolloutState } from '../domain/rollout/states.ts';
import type { Prisma } from './generated/client.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

export type StateReason = { code: string; detail: string };

export type StoredRollout = {
  id: string;
  name: string;
  slot: string;
  releaseId: string | null;
  plan: RolloutPlan;
  state: RolloutState;
  stateSince: Date;
  stateReason: StateReason | null;
  revision: number;
  rollbackOfId: string | null;
  createdById: string | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  approvedById: string | null;
};

export type NewRollout = Pick<
  StoredRollout,
  'id' | 'name' | 'slot' | 'releaseId' | 'plan' | 'state' | 'rollbackOfId' | 'createdById'
>;

export async function insertRollout({ tx, organizationId }: Scope, rollout: NewRollout): Promise<void> {
  await tx.rollout.create({ data: { ...rollout, organizationId, plan: asJson(rollout.plan) } });
  await tx.wave.createMany({
    data: rollout.plan.waves.map(({ name }, position) => ({
      organizationId,
      rolloutId: rollout.id,
      position,
      name,
      state: 'pending',
    })),
  });
}

export async function findRollout({ tx, organizationId }: Scope, id: string): Promise<StoredRollout | null> {
  const row = await tx.rollout.findUnique({ where: { organizationId_id: { organizationId, id } } });
  return row ? toRollout(row) : null;
}

/** The rollout that takes this one back, once there is one. */
export async function findRollbackId({ tx, organizationId }: Scope, id: string): Promise<string | null> {
  const row = await tx.rollout.findFirst({ where: { organizationId, rollbackOfId: id }, select: { id: true } });
  return row?.id ?? null;
}

/** The rollout, locked until the transaction ends, so that the engine and a person never decide at the same time. */
export async function lockRollout({ tx, organizationId }: Scope, id: string): Promise<StoredRollout | null> {
  const [row] = await tx.$queryRaw<RolloutRow[]>`
    SELECT id, name, slot, release_id AS "releaseId", plan, state, state_since AS "stateSince", state_reason AS "stateReason", revision,
      rollback_of_id AS "rollbackOfId", created_by_id AS "createdById", created_at AS "createdAt", started_at AS "startedAt",
      finished_at AS "finishedAt", approved_by_id AS "approvedById"
    FROM rollout WHERE organization_id = ${organizationId}::uuid AND id = ${id}::uuid FOR UPDATE`;
  return row ? toRollout(row) : null;
}

export type RolloutFilter = {
  states?: readonly RolloutState[] | undefined;
  q?: string | undefined;
  inTrouble?: boolean | undefined;
};

/** By the time they were made; `cursor` is the id of the last one seen. */
export async function listRollouts(
  scope: Scope,
  page: RolloutFilter & { limit: number; cursor?: string | undefined; order?: 'newest' | 'oldest' | undefined },
): Promise<StoredRollout[]> {
  const { tx, organizationId } = scope;
  const isOldest = page.order === 'oldest';
  const rows = await tx.rollout.findMany({
    where: {
      organizationId,
      ...(page.cursor && { id: isOldest ? { gt: page.cursor } : { lt: page.cursor } }),
      ...(page.states && { state: { in: [...page.states] } }),
      AND: [page.q ? await named(scope, page.q) : {}, page.inTrouble ? troubled : {}],
    },
    orderBy: { id: isOldest ? 'asc' : 'desc' },
    take: page.limit,
  });
  return rows.map(toRollout);
}

/** Pauses that are a person's own, or ask for nothing but a word. */
const calmPauses = ['operator', 'approval'];

const troubled: Prisma.RolloutWhereInput = {
  OR: [
    { state: { in: ['rolling-back', 'rollback-incomplete'] } },
    { state: 'paused', NOT: calmPauses.map((code) => ({ stateReason: { path: ['code'], equals: code } })) },
    {
      state: { in: ['running', 'paused', 'aborting'] },
      deployments: { some: { state: { in: ['failed', 'rejected', 'timed-out', 'reverted'] } } },
    },
  ],
};

/** Releases that a search may mean. */
const MAX_NAMED = 2000;

async function named({ tx, organizationId }: Scope, q: string): Promise<Prisma.RolloutWhereInput> {
  const has = { contains: q, mode: 'insensitive' } as const;
  const releases = await tx.release.findMany({
    where: { organizationId, version: { OR: [{ version: has }, { model: { name: has } }] } },
    select: { id: true },
    take: MAX_NAMED,
  });
  return { OR: [{ name: has }, { releaseId: { in: releases.map(({ id }) => id) } }] };
}

/** Moves a rollout to a state; its revision grows. */
export async function setRolloutState(
  { tx, organizationId }: Scope,
  id: string,
  state: RolloutState,
  at: Date,
  reason: StateReason | null,
): Promise<void> {
  const isOver = isRolloutFinished(state);
  await tx.$executeRaw`
    UPDATE rollout SET state = ${state}::text, state_since = ${at}::timestamptz, state_reason = ${reason === null ? null : JSON.stringify(reason)}::jsonb, revision = revision + 1,
      started_at = CASE WHEN ${state}::text = 'running' THEN COALESCE(started_at, ${at}::timestamptz) ELSE started_at END,
      finished_at = CASE WHEN ${isOver}::bool THEN ${at}::timestamptz ELSE NULL END
    WHERE organization_id = ${organizationId}::uuid AND id = ${id}::uuid`;
}

type RolloutRow = Omit<StoredRollout, 'plan' | 'state' | 'stateReason'> & {
  plan: unknown;
  state: string;
  stateReason: unknown;
};

function toRollout({ plan, state, stateReason, ...row }: RolloutRow): StoredRollout {
  const {
    id,
    name,
    slot,
    releaseId,
    stateSince,
    revision,
    rollbackOfId,
    createdById,
    createdAt,
    startedAt,
    finishedAt,
    approvedById,
  } = row;
  return {
    id,
    name,
    slot,
    releaseId,
    stateSince,
    revision,
    rollbackOfId,
    createdById,
    createdAt,
    startedAt,
    finishedAt,
    approvedById,
    plan: RolloutPlan.parse(plan),
    state: state as RolloutState,
    stateReason: stateReason as StateReason | null,
  };
}
/** Notes who let a rollout start. */
export async function approveRollout({ tx, organizationId }: Scope, id: string, by: string, at: Date): Promise<void> {
  await tx.rollout.updateMany({ where: { organizationId, id }, data: { approvedById: by, approvedAt: at } });
}
