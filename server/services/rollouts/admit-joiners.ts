import { insertDeployments } from '../../db/deployments.ts';
import { findReleases } from '../../db/releases.ts';
import { findJoiners } from '../../db/rollout-joiners.ts';
import type { StoredRollout } from '../../db/rollouts.ts';
import type { Scope } from '../../db/scope.ts';
import { incompatibilityOf } from '../../domain/release/compatibility.ts';

/** Takes devices that match a continuous rollout only now into its last wave. Those that the release does not fit are told so. */
export async function admitJoiners(scope: Scope, rollout: StoredRollout): Promise<void> {
  const { id, plan, state, releaseId, slot } = rollout;
  if (plan.target !== 'continuous' || state !== 'running' || releaseId === null) return;
  const joiners = await findJoiners(scope, rollout);
  const [release] = joiners.length > 0 ? await findReleases(scope, [releaseId]) : [];
  if (!release) return;
  await insertDeployments(
    scope,
    id,
    slot,
    joiners.map(({ deviceId, facts }) => {
      const reason = incompatibilityOf(facts, release.document);
      const refused = reason ? { refused: { ...reason, retry: 'never' as const } } : {};
      return { wavePosition: plan.waves.length - 1, deviceId, releaseId, ...refused };
    }),
  );
}
