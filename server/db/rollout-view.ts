import { connectivityOf, type Listening } from '../domain/device/axes.ts';
import { groupOf } from '../domain/rollout/budget.ts';
import { type GateSamples, noSamples } from '../domain/rollout/gates/samples.ts';
import type { DeploymentState } from '../domain/rollout/states.ts';
import type { RolloutView, WaveView } from '../domain/rollout/step.ts';
import type { WaveMember } from '../domain/rollout/thresholds.ts';
import { loadGateSamples } from './gate-samples.ts';
import { Prisma } from './generated/client.ts';
import { findListening } from './listening.ts';
import type { StoredRollout } from './rollouts.ts';
import type { Scope } from './scope.ts';
import { listWaves } from './waves.ts';

/** Everything the engine looks at, as of `now`. */
export async function loadRolloutView(scope: Scope, rollout: StoredRollout, now: Date): Promise<RolloutView> {
  const [waves, members, rollback] = await Promise.all([
    listWaves(scope, rollout.id),
    findListening(scope.tx).then((listening) => loadMembers(scope, rollout, now, listening)),
    isTakenBack(rollout) ? loadRollback(scope, rollout.id) : null,
  ]);
  const isBaking = waves.some(({ state }) => state === 'baking');
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
    rollback,
  };
}

/** May there be a rollout that takes this one back? */
function isTakenBack({ state }: StoredRollout): boolean {
  return state === 'rolling-back' || state === 'rolled-back' || state === 'rollback-incomplete';
}

/** Labels are read only where a budget needs them, and the way back only where there is one. */
async function loadMembers(
  { tx, organizationId }: Scope,
  { id: rolloutId, plan }: StoredRollout,
  now: Date,
  listening: Listening | null,
): Promise<Map<number, WaveMember[]>> {
  const [found] = await tx.$queryRaw<{ members: string | null }[]>`
    SELECT json_agg(json_build_object('deploymentId', p.id, 'deviceId', p.device_id, 'position', p.wave_position, 'state', p.state,
      'stateSince', ${epochMs('p.state_since')}, 'notifiedAt', ${epochMs('p.notified_at')}, 'tries', p.tries, 'online', d.online,
      'lastHeardAt', ${epochMs('d.last_heard_at')}, 'isBack', coalesce(b.state = 'succeeded', false),
      'labels', CASE WHEN ${plan.budget !== null}::bool THEN (SELECT jsonb_object_agg(l.key, l.value) FROM device_label l WHERE l.device_id = d.id) END
      ) ORDER BY p.id)::text AS members
    FROM deployment p JOIN device d ON d.id = p.device_id
      LEFT JOIN rollout r ON r.rollback_of_id = p.rollout_id LEFT JOIN deployment b ON b.rollout_id = r.id AND b.device_id = p.device_id
    WHERE p.organization_id = ${organizationId}::uuid AND p.rollout_id = ${rolloutId}::uuid`;
  const rows: MemberRow[] = JSON.parse(found?.members ?? '[]');
  const members = new Map<number, WaveMember[]>();
  for (const { position, online, lastHeardAt, labels, stateSince, notifiedAt, ...row } of rows) {
    const isReachable = connectivityOf({ online, lastHeardAt: dateOf(lastHeardAt) }, now, listening) === 'online';
    const list = members.get(position) ?? [];
    members.set(position, list);
    const times = { stateSince: new Date(stateSince), notifiedAt: dateOf(notifiedAt) };
    list.push({ ...row, ...times, isReachable, group: groupOf(plan.budget, labels ?? {}) });
  }
  return members;
}

/** One text of all rows: ten thousand are read ten times faster than row by row. Times are in milliseconds since the epoch. */
type MemberRow = Pick<WaveMember, 'deploymentId' | 'deviceId' | 'tries' | 'isBack'> & {
  state: DeploymentState;
  stateSince: number;
  notifiedAt: number | null;
  position: number;
  online: boolean;
  lastHeardAt: number | null;
  labels: Record<string, string> | null;
};

function epochMs(column: 'p.state_since' | 'p.notified_at' | 'd.last_heard_at'): Prisma.Sql {
  return Prisma.raw(`(extract(epoch FROM ${column}) * 1000)::bigint`);
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

async function loadRollback({ tx, organizationId }: Scope, rolloutId: string): Promise<RolloutView['rollback']> {
  const row = await tx.rollout.findFirst({
    where: { organizationId, rollbackOfId: rolloutId },
    select: { state: true, deployments: { select: { state: true } } },
  });
  if (!row) return null;
  const allSucceeded = row.deployments.every(({ state }) => state === 'succeeded' || state === 'superseded');
  return { state: row.state as RolloutView['state'], allSucceeded };
}
