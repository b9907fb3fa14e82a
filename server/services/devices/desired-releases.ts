import type { AgentPackage } from '@flotilla/protocol';
import { findAgentVersions } from '../../db/agent-versions.ts';
import { findDesired } from '../../db/desired-states.ts';
import { findReleases, type StoredRelease } from '../../db/releases.ts';
import { forTenant } from '../../db/scope.ts';
import type { Actor } from '../../domain/access/actor.ts';
import type { Deps } from '../deps.ts';

/** The packages of the agent that this device shall run, one a platform. */
export async function desiredPackages(
  deps: Pick<Deps, 'db'>,
  actor: Extract<Actor, { kind: 'device' }>,
): Promise<AgentPackage[]> {
  const desired = await findDesired(forTenant(deps.db, actor.organizationId), actor.deviceId);
  const [found] = desired?.agent ? await findAgentVersions(deps.db, [desired.agent.version]) : [];
  return Object.values(found?.packages ?? {});
}

/** The releases that this device's desired state names: the measure of what it may fetch. */
export async function desiredReleases(
  deps: Pick<Deps, 'db'>,
  actor: Extract<Actor, { kind: 'device' }>,
): Promise<StoredRelease[]> {
  const scope = forTenant(deps.db, actor.organizationId);
  const desired = await findDesired(scope, actor.deviceId);
  return findReleases(
    scope,
    Object.values(desired?.slots ?? {}).flatMap((slot) => (slot ? [slot.releaseId] : [])),
  );
}
