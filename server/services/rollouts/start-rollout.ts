import { countProduction } from '../../db/rollout-policy.ts';
import { type StoredRollout, setRolloutState } from '../../db/rollouts.ts';
import type { Scope } from '../../db/scope.ts';
import type { RolloutState } from '../../domain/rollout/states.ts';

/**
 * Lets a locked rollout start, in the caller's transaction: at once, at the time that its plan says, or after another person has
 * approved it, where the plan asks for four eyes or a device of it is production.
 */
export async function startRollout(
  scope: Scope,
  { id, plan, approvedById, state }: Pick<StoredRollout, 'id' | 'plan' | 'approvedById' | 'state'>,
  at: Date,
): Promise<RolloutState> {
  const production = approvedById === null ? await countProduction(scope, id) : 0;
  if (approvedById === null && (plan.fourEyes || production > 0)) {
    const why = production > 0 ? `${production} of its devices are production.` : 'Its plan asks for four eyes.';
    await setRolloutState(scope, id, 'pending-approval', at, { code: 'four-eyes', detail: why });
    return 'pending-approval';
  }
  const isEarly = plan.startsAt !== null && new Date(plan.startsAt) > at && state !== 'scheduled';
  const next = isEarly ? 'scheduled' : 'running';
  await setRolloutState(scope, id, next, at, null);
  return next;
}
