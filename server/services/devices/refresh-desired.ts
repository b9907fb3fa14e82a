import { inTenant } from '../../db/scope.ts';
import { findExpiringDesired } from '../../db/upkeep.ts';
import type { Deps } from '../deps.ts';
import { reissueDesired } from './issue-desired.ts';

/** Documents are issued again when less than this is left of their 30 days. */
const DAYS_LEFT = 10;
const AT_ONCE = 500;

/** Issues again the documents that will run out, so that a device that is offline for weeks finds a valid one. */
export async function refreshDesired(deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'>): Promise<number> {
  const due = await findExpiringDesired(deps.db, DAYS_LEFT, AT_ONCE);
  for (const [organizationId, rows] of Map.groupBy(due, (row) => row.organizationId)) {
    await inTenant(deps.db, organizationId, (scope) =>
      reissueDesired(
        deps,
        scope,
        rows.map(({ deviceId }) => deviceId),
      ),
    );
  }
  return due.length;
}
