import * as z from 'zod';
import { endUpgrade, findUpgrade, listUpgradeDevices, lockUpgrade, markDevices } from '../../db/agent-upgrades.ts';
import { writeAudit } from '../../db/audit.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';
import { issueAgent } from '../devices/issue-desired.ts';

export const StopUpgrade = z.object({ upgradeId: z.uuid() });
export type StopUpgrade = z.infer<typeof StopUpgrade>;

/** Ends an upgrade of agents: what confirmed stays, nobody else begins. One that is over stays as it is. @throws AppError `not_found` */
export async function stopUpgrade(
  deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'>,
  actor: Actor,
  { upgradeId: id }: StopUpgrade,
): Promise<void> {
  requirePermission(actor, 'devices:write');
  const now = deps.now();
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    if (!(await lockUpgrade(scope, id))) {
      if (await findUpgrade(scope, id)) return;
      throw notFound('upgrade');
    }
    const open = (await listUpgradeDevices(scope, id, now)).filter(
      ({ state }) => state === 'waiting' || state === 'told',
    );
    const deviceIds = open.map(({ deviceId }) => deviceId);
    await markDevices(scope, id, deviceIds, { state: 'withdrawn', finishedAt: now });
    const told = open.filter(({ wantedOrder }) => wantedOrder === id);
    await issueAgent(
      deps,
      scope,
      told.map(({ deviceId }) => ({ deviceId, agent: null })),
    );
    await endUpgrade(scope, id, { state: 'stopped', stoppedBy: 'person', finishedAt: now });
    await writeAudit(
      scope,
      actor,
      'agent-upgrade.stop',
      { kind: 'agent-upgrade', id },
      { withdrawn: deviceIds.length },
    );
    await notifyLive(scope, 'device', '');
  });
}
