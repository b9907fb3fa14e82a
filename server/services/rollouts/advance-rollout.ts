import { loadRolloutView } from '../../db/rollout-view.ts';
import { lockRollout } from '../../db/rollouts.ts';
import { inTenant } from '../../db/scope.ts';
import { type Decision, step } from '../../domain/rollout/step.ts';
import type { Deps } from '../deps.ts';
import { admitJoiners } from './admit-joiners.ts';
import { applyDecisions } from './apply-decisions.ts';

/** Devices told in one transaction. The next look tells the next, while the first are on their way already. */
const MAX_TOLD_AT_ONCE = 2_500;

/** One look at one rollout: decide and apply in one transaction. Returns whether anything was decided. */
export function advanceRollout(
  deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'>,
  organizationId: string,
  rolloutId: string,
): Promise<boolean> {
  return inTenant(deps.db, organizationId, async (scope) => {
    const rollout = await lockRollout(scope, rolloutId);
    if (!rollout) return false;
    await admitJoiners(scope, rollout);
    const decisions = step(await loadRolloutView(scope, rollout, deps.now()), deps.now()).map(inBounds);
    if (decisions.length > 0) await applyDecisions(deps, scope, rollout, decisions);
    return decisions.length > 0;
  });
}

function inBounds(decision: Decision): Decision {
  return decision.kind === 'notify'
    ? { ...decision, deploymentIds: decision.deploymentIds.slice(0, MAX_TOLD_AT_ONCE) }
    : decision;
}
