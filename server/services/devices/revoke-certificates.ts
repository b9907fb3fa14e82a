import * as z from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { markCertificatesRevoked } from '../../db/certificates.ts';
import { findDevice, lockDevice } from '../../db/devices-identity.ts';
import { notifyLive, notifyWork } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

export const RevokeCertificates = z.object({ deviceId: z.uuid() });
export type RevokeCertificates = z.infer<typeof RevokeCertificates>;

/**
 * Shuts a device out until it enrolls again with a token made from now on: for a device that was lost or is suspected. Says how many
 * certificates were still good. @throws AppError `not_found`
 */
export async function revokeCertificates(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { deviceId }: RevokeCertificates,
): Promise<{ revoked: number }> {
  requirePermission(actor, 'devices:write');
  return inTenant(deps.db, actor.organizationId, async (scope) => {
    await lockDevice(scope, deviceId);
    const device = await findDevice(scope, deviceId);
    if (!device) throw notFound('device');
    const revoked = await markCertificatesRevoked(scope, deviceId, deps.now());
    if (revoked === 0) return { revoked };
    await writeAudit(scope, actor, 'device.revoke-certificates', { kind: 'device', id: deviceId }, { revoked });
    await notifyLive(scope, 'device', deviceId);
    await notifyWork(scope, { kind: 'kick', id: deviceId });
    return { revoked };
  });
}
