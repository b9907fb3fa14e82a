import { listDesired } from '../../db/desired-states.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import type { Deps } from '../deps.ts';
import { reissueDesired } from './issue-desired.ts';

/** Documents that one transaction signs anew. */
const AT_ONCE = 500;

/** Tells every device of an organization what its settings are now: the same wishes again, each in a document that is signed anew. */
export async function reissueAll(
  deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'>,
  organizationId: string,
): Promise<void> {
  const documents = await listDesired(forTenant(deps.db, organizationId));
  for (let at = 0; at < documents.length; at += AT_ONCE) {
    const due = documents.slice(at, at + AT_ONCE);
    await inTenant(deps.db, organizationId, (scope) => reissueDesired(deps, scope, due));
  }
}
