import { takeEngineWork } from '../db/engine-work.ts';
import { dropLease, takeLease } from '../db/leases.ts';
import type { Logger } from '../platform/logger.ts';
import type { Deps } from '../services/deps.ts';
import { advanceRollout } from '../services/rollouts/advance-rollout.ts';

const LEASE = 'rollout-engine';

/** How long a killed worker keeps others waiting. */
const LEASE_LIFE_MS = 5_000;

/** Looks at one rollout in one tick, at most: each look that decides something is followed by another. */
const MAX_LOOKS = 20;

type EngineDeps = Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'> & { logger: Logger };

/**
 * One tick of the rollout engine: every open rollout is advanced until it rests. Only the holder of the lease does it, and renews it for
 * each rollout: a tick that lost it leaves the rest to the new holder. The look that was on meanwhile is safe, because it decides under
 * the rollout's lock.
 */
export async function tickEngine(deps: EngineDeps, holder: string): Promise<void> {
  const work = await takeEngineWork(deps.db, { name: LEASE, holder, lifeMs: LEASE_LIFE_MS }, deps.now());
  for (const [at, { organizationId, id }] of work.entries()) {
    if (at > 0 && !(await takeLease(deps.db, LEASE, holder, LEASE_LIFE_MS))) return;
    try {
      for (let look = 0; look < MAX_LOOKS && (await advanceRollout(deps, organizationId, id)); look += 1);
    } catch (error) {
      deps.logger.error({ err: error, rolloutId: id }, 'a rollout could not be advanced; it is tried again');
    }
  }
}

export function releaseEngine(deps: Pick<Deps, 'db'>, holder: string): Promise<void> {
  return dropLease(deps.db, LEASE, holder);
}
