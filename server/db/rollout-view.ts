import { connectivityOf } from '../domain/device/axes.ts';
import { groupOf } from '../domain/rollout/budget.ts';
import { noSamples } from '../domain/rollout/gates/samples.ts';
import type { DeploymentState } from '../domain/rollout/states.ts';
import type { RolloutView, WaveView } from '../domain/rollout/step.ts';
import type { WaveMember } from '../domain/rollout/thresholds.ts';
import { loadGateSamples } from './gate-samples.ts';
import type { StoredRollout } from './rollouts.ts';
import type { Scope } from './scope.ts';
import { listWaves } from './waves.ts';

/** Everything the engine looks at, as of `now`. */
export async function loadRolloutView(scope: Scope, rollout: StoredRollout, now: Date): Promise<RolloutView> {
  const [waves, members, samples, rollback] = await Promise.all([
    listWaves(scope, rollout.id),
    loadMembers(scope, rollout, now),
    loadGateSamples(scope, rollout),
    loadRollback(scope, rollout.id),
  ]);
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

/** Labels are read only where a budget needs them, and the way back only where there is one. */
async function loadMembers(
  { tx, organizationId }: Scope,
  { id: rolloutId, plan }: StoredRollout,
  now: Date,
): Promise<Map<number, WaveMember[]>> {
  const rows = await tx.$queryRaw<MemberRow[]>`
    SELECT p.id AS "deploymentId", p.device_id AS "deviceId", p.wave_position AS position, p.state, p.state_since AS "stateSince",
      p.notified_at AS "notifiedAt", p.tries, d.online, d.last_heard_at AS "lastHeardAt", coalesce(b.state = 'succeeded', false) AS "isBack",
      CASE WHEN ${plan.budget !== null}::bool THEN (SELECT jsonb_object_agg(l.key, l.value) FROM device_label l WHERE l.device_id = d.id) END AS labels
    FROM deployment p JOIN device d ON d.id = p.device_id
      LEFT JOIN rollout r ON r.rollback_of_id = p.rollout_id LEFT JOIN deployment b ON b.rollout_id = r.id AND b.device_id = p.device_id
    WHERE p.organization_id = ${organizationId}::uuid AND p.rollout_id = ${rolloutId}::uuid ORDER BY p.id`;
  const members = new Map<number, WaveMember[]>();
  for (const { position, online, lastHeardAt, labels, ...row } of rows) {
    const isReachable = connectivityOf({ online, lastHeardAt }, now) === 'online';
    const list = members.get(position) ?? [];
    list.push({ ...row, isReachable, group: groupOf(plan.budget, labels ?? {}) });
    members.set(position, list);
  }
  return members;
}

type MemberRow = Pick<WaveMember, 'deploymentId' | 'deviceId' | 'stateSince' | 'notifiedAt' | 'tries' | 'isBack'> & {
  state: DeploymentState;
  position: number;
  online: boolean;
  lastHeardAt: Date | null;
  labels: Record<string, string> | null;
};

async function loadRollback({ tx, organizationId }: Scope, rolloutId: string): Promise<RolloutView['rollback']> {
  const row = await tx.rollout.findFirst({
    where: { organizationId, rollbackOfId: rolloutId },
    select: { state: true, deployments: { select: { state: true } } },
  });
  if (!row) return null;
  const allSucceeded = row.deployments.every(({ state }) => state === 'succeeded' || state === 'superseded');
  return { state: row.state as RolloutView['state'], allSucceeded };
}
