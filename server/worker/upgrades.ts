import { findOpenUpgrades } from '../db/agent-upgrades.ts';
import { dropLease, takeLease } from '../db/leases.ts';
import type { Logger } from '../platform/logger.ts';
import { advanceUpgrade } from '../services/agents/advance-upgrade.ts';
import type { Deps } from '../services/deps.ts';

const LEASE = 'agent-upgrades';

/** How long a killed worker keeps others waiting. */
const LEASE_LIFE_MS = 10_000;

type UpgradeDeps = Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'> & { logger: Logger };

/** One look at every upgrade of agents that is under way, by the holder of the lease. */
export async function tickUpgrades(deps: UpgradeDeps, holder: string): Promise<void> {
  for (const { organizationId, id } of await findOpenUpgrades(deps.db)) {
    if (!(await takeLease(deps.db, LEASE, holder, LEASE_LIFE_MS))) return;
    try {
      await advanceUpgrade(deps, organizationId, id);
    } catch (error) {
      deps.logger.error({ err: error, upgradeId: id }, 'an upgrade of agents could not be advanced; it is tried again');
    }
  }
}

export function releaseUpgrades(deps: Pick<Deps, 'db'>, holder: string): Promise<void> {
  return dropLease(deps.db, LEASE, holder);
}
