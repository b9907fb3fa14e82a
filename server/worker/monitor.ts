import { dropLease, takeLease } from '../db/leases.ts';
import type { Logger } from '../platform/logger.ts';
import type { Deps } from '../services/deps.ts';
import { judgeDrift } from '../services/monitoring/judge-drift.ts';

const LEASE = 'monitor';

/** Longer than one look takes; how long a killed worker keeps others waiting. */
const LEASE_LIFE_MS = 60_000;

/** Judges the hours that have ended, until none is left or another worker has the lease. */
export async function tickMonitor(deps: Pick<Deps, 'db' | 'now'> & { logger: Logger }, holder: string): Promise<void> {
  while (await takeLease(deps.db, LEASE, holder, LEASE_LIFE_MS)) if ((await judgeDrift(deps)) === 0) return;
}

export function releaseMonitor(deps: Pick<Deps, 'db'>, holder: string): Promise<void> {
  return dropLease(deps.db, LEASE, holder);
}
