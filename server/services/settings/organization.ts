import { writeAudit } from '../../db/audit.ts';
import { findOrganization, type StoredOrganization, saveOrganization } from '../../db/organization-settings.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import type { OrganizationChange } from '../../domain/access/organization-settings.ts';
import type { Deps } from '../deps.ts';

/** The organization itself: its name, its address, and how long it keeps telemetry. */
export async function getOrganization(deps: Pick<Deps, 'db'>, actor: Actor): Promise<StoredOrganization> {
  requirePermission(actor, 'settings:read');
  return findOrganization(forTenant(deps.db, actor.organizationId));
}

/** Changes what is given. Its address stays. Telemetry that is older than the new time goes with the next clean-up. */
export async function updateOrganization(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  change: OrganizationChange,
): Promise<StoredOrganization> {
  requirePermission(actor, 'settings:write');
  return inTenant(deps.db, actor.organizationId, async (scope) => {
    await saveOrganization(scope, change);
    const subject = { kind: 'organization', id: actor.organizationId };
    const { name, retention } = change;
    await writeAudit(scope, actor, 'organization.update', subject, {
      ...(name !== undefined && { name }),
      ...(retention && { retention }),
    });
    return findOrganization(scope);
  });
}
