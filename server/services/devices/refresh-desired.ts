import { inTenant } from '../../db/scope.ts';
import { findExpiringDesired } from '../../db/upkeep.ts';
import type { Deps } from '../deps.ts';
import { reissueDesired } from './issue-desired.ts';

/** Documents are issued again when less than this is left of their 30 days. */
const DAYS_LEFT = 10;
const AT_ONCE = 500;

/**
 * Issues again the documents that will run out, so that a device that is offline for weeks finds a valid one. Returns how many.
 * @throws AggregateError when it failed for an organization; the others have theirs.
 */
export async function refreshDesired(deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'>): Promise<number> {
  const due = await findExpiringDesired(deps.db, DAYS_LEFT, AT_ONCE);
  const failures: unknown[] = [];
  let issued = 0;
  for (const [organizationId, rows] of Map.groupBy(due, (row) => row.organizationId)) {
    try {
      issued += await inTenant(deps.db, organizationId, (scope) => reissueDesired(deps, scope, rows));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'some documents could not be issued again');
  return issued;
}
