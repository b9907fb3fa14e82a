import type { Listening } from '../domain/device/axes.ts';
import { type GateSamples, noSamples } from '../domain/rollout/gates/samples.ts';
import type { RolloutView, WaveView } from '../domain/rollout/step.ts';
import { loadGateSamples } from './gate-samples.ts';
import { type ColumnsOf, selectColumnsBeside } from './json-columns.ts';
import { findListening, listeningQuery, type ReadListening, toListening } from './listening.ts';
import { type Member, memberColumns, membersQuery, toMembers } from './rollout-members.ts';
import type { StoredRollout } from './rollouts.ts';
import type { Scope } from './scope.ts';
import { listWaves, type ReadWave, type StoredWave, toWaves, wavesQuery } from './waves.ts';

/** What of a rollout is loaded: with its telemetry unless said otherwise, and its devices, unless they were read already. */
type Part = { withSamples?: boolean; members?: ColumnsOf<Member> | null };

/** Everything the engine looks at, as of `now`. */
export async function loadRolloutView(
  scope: Scope,
  rollout: StoredRollout,
  now: Date,
  { withSamples = true, members: read }: Part = {},
): Promise<RolloutView> {
  const { waves, listening, found } = await readAll(scope, rollout.id, read);
  const way = isTakenBack(rollout) ? await loadWayBack(scope, rollout.id) : null;
  const members = await toMembers(scope, rollout, new Set(way?.broughtBack), now, found, listening);
  const isBaking = withSamples && waves.some(({ state }) => state === 'baking');
  const samples = isBaking ? await loadGateSamples(scope, rollout) : new Map<number, GateSamples>();
  return {
    state: rollout.state,
    stateSince: rollout.stateSince,
    plan: rollout.plan,
    waves: waves.map(
      ({ position, state, startedAt, bakingAt, approvedAt }): WaveView => ({
        position,
        state,
        startedAt,
        bakingAt,
        approvedAt,
        members: members.get(position) ?? [],
        samples: samples.get(position) ?? noSamples,
      }),
    ),
    rollback: way,
  };
}

type All = { waves: StoredWave[]; listening: Listening | null; found: ColumnsOf<Member> | null };

/** The waves, when devices could be heard, and the devices but where they were read: in one answer, for the engine looks often. */
async function readAll(scope: Scope, rolloutId: string, read: ColumnsOf<Member> | null | undefined): Promise<All> {
  if (read !== undefined)
    return { waves: await listWaves(scope, rolloutId), listening: await findListening(scope.tx), found: read };
  const { columns, beside } = await selectColumnsBeside<Member, { waves: ReadWave[]; listening: ReadListening }>(
    scope.tx,
    memberColumns,
    membersQuery(scope, rolloutId),
    { waves: wavesQuery(scope, rolloutId), listening: listeningQuery },
  );
  return { waves: toWaves(beside.waves), listening: toListening(beside.listening), found: columns };
}

/** May there be a rollout that takes this one back? */
function isTakenBack({ state }: StoredRollout): boolean {
  return state === 'rolling-back' || state === 'rolled-back' || state === 'rollback-incomplete';
}

type WayBack = NonNullable<RolloutView['rollback']> & { broughtBack: string[] };

/** The rollout that takes this one back, and the devices that it has brought back. */
async function loadWayBack({ tx, organizationId }: Scope, rolloutId: string): Promise<WayBack | null> {
  const [row] = await tx.$queryRaw<WayBack[]>`
    SELECT r.state, coalesce(bool_and(p.state IN ('succeeded', 'superseded')), true) AS "allSucceeded",
      coalesce(json_agg(p.device_id) FILTER (WHERE p.state = 'succeeded'), '[]') AS "broughtBack"
    FROM rollout r LEFT JOIN deployment p ON p.rollout_id = r.id
    WHERE r.organization_id = ${organizationId}::uuid AND r.rollback_of_id = ${rolloutId}::uuid GROUP BY r.id`;
  return row ?? null;
}
