import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { markCertificatesRevoked } from '../../db/certificates.ts';
import { findDevice, lockDevice, markDecommissioned } from '../../db/devices-identity.ts';
import { notifyLive, notifyWork } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

export const DecommissionDevice = z.object({ deviceId: z.uuid() });
export type DecommissionDevice = z.infer<typeof DecommissionDevice>;

/**
 * Ends a device's membership for good: its certificates are revoked, its session is cut, its key is never accepted again. Its part in a
 * running rollout is ended by the engine. Doing it again changes nothing. @throws AppError `not_found`
 */
export async function decommissionDevice(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { deviceId }: DecommissionDevice,
): Promise<{ id: string; name: string; decommissionedAt: Date }> {
  requirePermission(actor, 'devices:write');
  const now = deps.now();
  return inTenant(deps.db, actor.organizationId, async (scope) => {
    await lockDevice(scope, deviceId);
    const device = await findDevice(scope, deviceId);
    if (!device) throw notFound('device');
    const { name, decommissionedAt } = device;
    if (decommissionedAt !== null) return { id: deviceId, name, decommissionedAt };
    await markDecommissioned(scope, deviceId, now);
    const revoked = await markCertificatesRevoked(scope, deviceId, now);
    await writeAudit(scope, actor, 'device.decommission', { kind: 'device', id: deviceId }, { name, revoked });
    await notifyLive(scope, 'device', deviceId);
    await notifyWork(scope, { kind: 'kick', id: deviceId });
    await notifyWork(scope, { kind: 'rollouts' });
    return { id: deviceId, name, decommissionedAt: now };
  });
}
