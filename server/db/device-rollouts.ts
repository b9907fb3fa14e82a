import type { Scope } from './scope.ts';

/** The newest rollout of each slot that has the device; null when there is no such device. */
export async function findDeviceRollouts({ tx, organizationId }: Scope, deviceId: string): Promise<string[] | null> {
  const device = await tx.device.findFirst({ where: { organizationId, id: deviceId }, select: { id: true } });
  if (!device) return null;
  const rows = await tx.deployment.findMany({
    where: { organizationId, deviceId },
    distinct: ['slot'],
    orderBy: [{ slot: 'asc' }, { rolloutId: 'desc' }],
    select: { rolloutId: true },
  });
  return rows.map(({ rolloutId }) => rolloutId);
}
