import * as z from 'zod';
import { findListening } from '../db/listening.ts';
import { countDeployments, countSources, listMembers, userNames } from '../db/rollout-counts.ts';
import { loadRolloutView } from '../db/rollout-view.ts';
import { findRollbackId, findRollout, listRollouts, type StoredRollout } from '../db/rollouts.ts';
import { forTenant, type Scope } from '../db/scope.ts';
import { listWaves, type StoredWave } from '../db/waves.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { type Connectivity, connectivityOf, type Listening } from '../domain/device/axes.ts';
import { notFound } from '../domain/errors.ts';
import { judgeGates } from '../domain/rollout/gates/bake-verdict.ts';
import { opOf } from '../domain/rollout/gates/gate.ts';
import type { GateVerdict } from '../domain/rollout/gates/verdict.ts';
import { type DeploymentState, rolloutStates } from '../domain/rollout/states.ts';
import { countWave, type WaveCounts, type WaveMember } from '../domain/rollout/thresholds.ts';
import type { Deps } from '../services/deps.ts';
import { controlsOf, type RolloutControl } from '../services/rollouts/rollout-controls.ts';
import { type ReleaseName, releaseNames } from './release-names.ts';
import { type RolloutDecision, rolloutDecisions } from './rollout-decisions.ts';

export const RolloutListInput = z.object({
  states: z.array(z.enum(rolloutStates)).optional(),
  /** In its name, or in the name of what it rolls out. */
  q: z.string().trim().max(100).optional(),
  /** Only rollouts that need a look: paused by other than a person, not brought back whole, or with devices that failed. */
  inTrouble: z.boolean().optional(),
  order: z.enum(['newest', 'oldest']).optional(),
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
  const rows = await listRollouts(scope, { ...input, limit: input.limit + 1 });
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

/** In a rollout of more devices none is drawn for itself: counts stand for them. */
const MAX_DRAWN = 300;

/** Decisions that the live page starts with; older ones come by page. */
const FIRST_DECISIONS = 50;

/** One device as the live page draws it. */
export type RolloutCell = {
  deviceId: string;
  deviceName: string;
  state: DeploymentState;
  connectivity: Connectivity;
};

export type StateCount = { state: DeploymentState; isReachable: boolean; devices: number };

/** Small for ten thousand devices as for ten; the devices come by page. */
export type RolloutPage = {
  rollout: StoredRollout;
  release: ReleaseName | null;
  /** The releases that devices come from, with how many devices come from each. */
  from: { release: ReleaseName | null; devices: number }[];
  createdBy: string | null;
  /** The rollout that takes this one back, or that this one takes back. */
  rollbackId: string | null;
  controls: RolloutControl[];
  waves: (StoredWave & {
    counts: WaveCounts;
    gates: GateVerdict[];
    states: StateCount[];
    /** Null where there are too many to draw. */
    cells: RolloutCell[] | null;
  })[];
  decisions: RolloutDecision[];
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
  const [view, waves, sources, { items: decisions }, rollbackId, listening] = await Promise.all([
    loadRolloutView(scope, rollout, now),
    listWaves(scope, rollout.id),
    countSources(scope, rollout.id),
    rolloutDecisions(deps, actor, { id: rollout.id, limit: FIRST_DECISIONS }),
    findRollbackId(scope, rollout.id),
    findListening(scope.tx),
  ]);
  const names = await releaseNames(scope, [rollout.releaseId, ...sources.map(({ releaseId }) => releaseId)]);
  const people = await userNames(scope, [rollout.createdById]);
  const total = view.waves.reduce((sum, { members }) => sum + members.length, 0);
  const cells = total > MAX_DRAWN ? null : await cellsOf(scope, rollout.id, now, listening);
  return {
    rollout,
    release: names.get(rollout.releaseId ?? '') ?? null,
    from: sources.map(({ releaseId, devices }) => ({ release: names.get(releaseId ?? '') ?? null, devices })),
    createdBy: people.get(rollout.createdById ?? '') ?? null,
    rollbackId,
    controls: controlsOf(rollout, waves),
    waves: waves.map((wave, at) => ({
      ...wave,
      counts: countWave(view.waves[at]?.members ?? [], rollout.plan.retries),
      gates: gatesOf(rollout, wave, view.waves[at]),
      states: statesOf(view.waves[at]?.members ?? []),
      cells: cells && (cells.get(wave.position) ?? []),
    })),
    decisions,
  };
}

async function cellsOf(
  scope: Scope,
  rolloutId: string,
  now: Date,
  listening: Listening | null,
): Promise<Map<number, RolloutCell[]>> {
  const cells = new Map<number, RolloutCell[]>();
  for (const member of await listMembers(scope, rolloutId)) {
    const { deviceId, deviceName, state, wavePosition } = member;
    const list = cells.get(wavePosition) ?? [];
    list.push({ deviceId, deviceName, state, connectivity: connectivityOf(member, now, listening) });
    cells.set(wavePosition, list);
  }
  return cells;
}

function statesOf(members: readonly Pick<WaveMember, 'state' | 'isReachable'>[]): StateCount[] {
  const counts = new Map<string, StateCount>();
  for (const { state, isReachable } of members) {
    const key = `${state} ${isReachable}`;
    const count = counts.get(key) ?? { state, isReachable, devices: 0 };
    count.devices += 1;
    counts.set(key, count);
  }
  return [...counts.values()];
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
