import { loadRolloutView } from '../../db/rollout-view.ts';
import { lockRollout } from '../../db/rollouts.ts';
import { inTenant } from '../../db/scope.ts';
import { type Decision, step } from '../../domain/rollout/step.ts';
import type { Deps } from '../deps.ts';
import { admitJoiners } from './admit-joiners.ts';
import { applyDecisions } from './apply-decisions.ts';

/** Devices told in one transaction. The next look tells the next, while the first are on their way already. */
const MAX_TOLD_AT_ONCE = 2_500;

/**
 * One look at one rollout: decide and apply in one transaction. Returns whether another look may decide more at once: not when all that was
 * to be told is told, for then the devices have to speak first.
 */
export function advanceRollout(
  deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'>,
  organizationId: string,
  rolloutId: string,
): Promise<boolean> {
  return inTenant(deps.db, organizationId, async (scope) => {
    const rollout = await lockRollout(scope, rolloutId);
    if (!rollout) return false;
    await admitJoiners(scope, rollout);
    const decisions = step(await loadRolloutView(scope, rollout, deps.now()), deps.now());
    if (decisions.length > 0) await applyDecisions(deps, scope, rollout, decisions.map(inBounds));
    return decisions.some((decision) => decision.kind !== 'notify' || inBounds(decision) !== decision);
  });
}

function inBounds(decision: Decision): Decision {
  return decision.kind === 'notify' && decision.deploymentIds.length > MAX_TOLD_AT_ONCE
    ? { ...decision, deploymentIds: decision.deploymentIds.slice(0, MAX_TOLD_AT_ONCE) }
    : decision;
}
