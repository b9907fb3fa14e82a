import { findAlertWork } from '../db/alerts-rules.ts';
import { dropLease, takeLease } from '../db/leases.ts';
import { inTenant } from '../db/scope.ts';
import { type DeliverDeps, deliverMessages } from '../services/alerts/deliver-messages.ts';
import { type EvaluateDeps, evaluateAlerts } from '../services/alerts/evaluate-alerts.ts';
import { giveDefaultRules } from '../services/alerts/give-defaults.ts';

const LEASE = 'alerts';

/** Longer than the look at one large organization takes; a killed worker keeps others waiting so long. */
const LEASE_LIFE_MS = 30_000;

/** Rounds of messages in one tick, at most. */
const MAX_ROUNDS = 50;

/**
 * One look at the alerts of every organization, by the holder of the lease alone, who renews it for each. A look that lost the lease is
 * safe: what it changes it decides again under the rule's lock.
 */
export async function tickAlerts(deps: EvaluateDeps, holder: string): Promise<void> {
  const isOurs = () => takeLease(deps.db, LEASE, holder, LEASE_LIFE_MS);
  if (!(await isOurs())) return;
  for (const { organizationId, needsDefaults } of await findAlertWork(deps.db)) {
    if (!(await isOurs())) return;
    try {
      if (needsDefaults) await inTenant(deps.db, organizationId, (scope) => giveDefaultRules(scope, deps.now()));
      await evaluateAlerts(deps, organizationId);
    } catch (error) {
      deps.logger.error({ err: error, organizationId }, 'the alerts of an organization could not be looked at');
    }
  }
}

export function releaseAlerts({ db }: Pick<EvaluateDeps, 'db'>, holder: string): Promise<void> {
  return dropLease(db, LEASE, holder);
}

/** Sends what waits, until nothing is due. Every worker does: a claim keeps a message with one of them. */
export async function tickDeliveries(deps: DeliverDeps): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS && (await deliverMessages(deps)) > 0; round += 1);
}
