import * as z from 'zod';
import { listDecisions, type StoredDecision } from '../db/decisions.ts';
import { findListening } from '../db/listening.ts';
import { countDeployments, listMembers, type MemberRow, userNames } from '../db/rollout-counts.ts';
import { loadRolloutView } from '../db/rollout-view.ts';
import { findRollbackId, findRollout, listRollouts, type StoredRollout } from '../db/rollouts.ts';
import { forTenant, type Scope } from '../db/scope.ts';
import { listWaves, type StoredWave } from '../db/waves.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { type Connectivity, connectivityOf } from '../domain/device/axes.ts';
import { notFound } from '../domain/errors.ts';
import { judgeGates } from '../domain/rollout/gates/bake-verdict.ts';
import { opOf } from '../domain/rollout/gates/gate.ts';
import type { GateVerdict } from '../domain/rollout/gates/verdict.ts';
import { type DeploymentState, rolloutStates } from '../domain/rollout/states.ts';
import { countWave, type WaveCounts } from '../domain/rollout/thresholds.ts';
import type { Deps } from '../services/deps.ts';
import { controlsOf, type RolloutControl } from '../services/rollouts/rollout-controls.ts';
import { type ReleaseName, releaseNames } from './release-names.ts';

export const RolloutListInput = z.object({
  states: z.array(z.enum(rolloutStates)).optional(),
  cursor: z.uuid().optional(),
  limit: z.number().int().min(1).max(200).default(50),
});
export type RolloutListInput = z.infer<typeof RolloutListInput>;

export type RolloutListRow = StoredRollout & {
  release: ReleaseName | null;
  counts: Partial<Record<DeploymentState, number>>;
  waves: StoredWave[];
  createdBy: string | null;
};

export async function rolloutList(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  input: RolloutListInput,
): Promise<{ items: RolloutListRow[]; nextCursor: string | null }> {
  requirePermission(actor, 'rollouts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const rows = await listRollouts(scope, { limit: input.limit + 1, before: input.cursor, states: input.states });
  const items = rows.slice(0, input.limit);
  return {
    items: await listRows(scope, items),
    nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null,
  };
}

/** One rollout as the list shows it. */
export async function rolloutById(deps: Pick<Deps, 'db'>, actor: Actor, id: string): Promise<RolloutListRow | null> {
  requirePermission(actor, 'rollouts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const rollout = await findRollout(scope, id);
  const [row] = rollout ? await listRows(scope, [rollout]) : [];
  return row ?? null;
}

async function listRows(scope: Scope, items: readonly StoredRollout[]): Promise<RolloutListRow[]> {
  const [names, counts, people, waves] = await Promise.all([
    releaseNames(
      scope,
      items.map(({ releaseId }) => releaseId),
    ),
    countDeployments(
      scope,
      items.map(({ id }) => id),
    ),
    userNames(
      scope,
      items.map(({ createdById }) => createdById),
    ),
    Promise.all(items.map(({ id }) => listWaves(scope, id))),
  ]);
  return items.map((rollout, at) => ({
    ...rollout,
    release: names.get(rollout.releaseId ?? '') ?? null,
    counts: counts.get(rollout.id) ?? {},
    waves: waves[at] ?? [],
    createdBy: people.get(rollout.createdById ?? '') ?? null,
  }));
}

/** Decisions that the live page starts with; older ones come by page. */
const FIRST_DECISIONS = 50;

export type RolloutMember = MemberRow & { connectivity: Connectivity };

export type RolloutPage = {
  rollout: StoredRollout;
  release: ReleaseName | null;
  /** The releases that devices come from, with how many devices come from each. */
  from: { release: ReleaseName | null; devices: number }[];
  createdBy: string | null;
  /** The rollout that takes this one back, or that this one takes back. */
  rollbackId: string | null;
  controls: RolloutControl[];
  waves: (StoredWave & { counts: WaveCounts; gates: GateVerdict[] })[];
  members: RolloutMember[];
  decisions: (StoredDecision & { actorName: string | null })[];
};

export async function rolloutPage(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: { id: string },
): Promise<RolloutPage> {
  requirePermission(actor, 'rollouts:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const now = deps.now();
  const rollout = await findRollout(scope, input.id);
  if (!rollout) throw notFound('rollout');
  const [view, waves, members, decisions, rollbackId, listening] = await Promise.all([
    loadRolloutView(scope, rollout, now),
    listWaves(scope, rollout.id),
    listMembers(scope, rollout.id),
    listDecisions(scope, rollout.id, { limit: FIRST_DECISIONS }),
    findRollbackId(scope, rollout.id),
    findListening(scope.tx),
  ]);
  const names = await releaseNames(scope, [
    rollout.releaseId,
    ...members.map(({ previousReleaseId }) => previousReleaseId),
  ]);
  const people = await userNames(scope, [
    rollout.createdById,
    ...decisions.map(({ actorKind, actorId }) => (actorKind === 'user' ? actorId : null)),
  ]);
  return {
    rollout,
    release: names.get(rollout.releaseId ?? '') ?? null,
    from: comingFrom(members).map(({ releaseId, devices }) => ({
      release: names.get(releaseId ?? '') ?? null,
      devices,
    })),
    createdBy: people.get(rollout.createdById ?? '') ?? null,
    rollbackId,
    controls: controlsOf(rollout, waves),
    waves: waves.map((wave, at) => ({
      ...wave,
      counts: countWave(view.waves[at]?.members ?? [], rollout.plan.retries),
      gates: gatesOf(rollout, wave, view.waves[at]),
    })),
    members: members.map((member) => ({ ...member, connectivity: connectivityOf(member, now, listening) })),
    decisions: decisions.map((decision) => ({ ...decision, actorName: people.get(decision.actorId ?? '') ?? null })),
  };
}

/** A wave that is over shows the numbers it was decided on; one that bakes shows the numbers of now. */
function gatesOf(
  { plan }: StoredRollout,
  wave: StoredWave,
  view: Awaited<ReturnType<typeof loadRolloutView>>['waves'][number] | undefined,
): GateVerdict[] {
  if (wave.finishedAt !== null && wave.verdict !== null) return wave.verdict.gates.map(readVerdict);
  if (!view) return [];
  return judgeGates(plan.waves[wave.position]?.bake.gates ?? [], view.samples);
}

/** Verdicts of before comparisons were kept without what they now say about themselves. */
function readVerdict(verdict: GateVerdict): GateVerdict {
  return { ...verdict, ...withDefaults(verdict) };
}

function withDefaults({ compare, op, metric, minDevices }: Partial<GateVerdict> & Pick<GateVerdict, 'metric'>) {
  return { compare: compare ?? 'absolute', op: op ?? opOf({ metric }), minDevices: minDevices ?? 1 };
}

function comingFrom(members: readonly MemberRow[]): { releaseId: string | null; devices: number }[] {
  const counts = Map.groupBy(
    members.filter(({ state }) => state !== 'queued' && state !== 'cancelled'),
    ({ previousReleaseId }) => previousReleaseId,
  );
  return [...counts].map(([releaseId, rows]) => ({ releaseId, devices: rows.length }));
}
