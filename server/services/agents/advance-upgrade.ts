import { endUpgrade, listUpgradeDevices, lockUpgrade, markDevices } from '../../db/agent-upgrades.ts';
import { writeAudit } from '../../db/audit.ts';
import { notifyLive } from '../../db/notify.ts';
import { inTenant } from '../../db/scope.ts';
import { stepUpgrade } from '../../domain/agent-upgrade/step.ts';
import type { Deps } from '../deps.ts';
import { issueAgent } from '../devices/issue-desired.ts';

/** Devices told in one transaction. The next look tells the next. */
const MAX_TOLD_AT_ONCE = 1_000;

/** One look at one upgrade of agents: decides and applies in one transaction. Returns whether anything was decided. */
export function advanceUpgrade(
  deps: Pick<Deps, 'db' | 'signer' | 'now' | 'telemetryWindowS'>,
  organizationId: string,
  upgradeId: string,
): Promise<boolean> {
  const now = deps.now();
  return inTenant(deps.db, organizationId, async (scope) => {
    const upgrade = await lockUpgrade(scope, upgradeId);
    if (!upgrade) return false;
    const { id, version, stableS } = upgrade;
    const devices = await listUpgradeDevices(scope, id, now);
    const step = stepUpgrade({ ...upgrade, devices }, now);
    const { confirmed, failed, superseded, withdraw, end } = step;
    const tell = step.tell.slice(0, MAX_TOLD_AT_ONCE);
    await markDevices(scope, id, confirmed, { state: 'confirmed', finishedAt: now });
    await markDevices(scope, id, superseded, { state: 'superseded', finishedAt: now });
    for (const { deviceId, reason } of failed)
      await markDevices(scope, id, [deviceId], { state: 'failed', finishedAt: now, reason });
    await markDevices(scope, id, tell, { state: 'told', toldAt: now });
    await markDevices(scope, id, withdraw, { state: 'withdrawn', finishedAt: now });
    const isTold = new Set(devices.filter(({ wantedOrder }) => wantedOrder === id).map(({ deviceId }) => deviceId));
    await issueAgent(deps, scope, [
      ...tell.map((deviceId) => ({ deviceId, agent: { order: id, version, stableS } })),
      ...withdraw.filter((deviceId) => isTold.has(deviceId)).map((deviceId) => ({ deviceId, agent: null })),
    ]);
    if (end) {
      await endUpgrade(scope, id, { state: end, stoppedBy: end === 'stopped' ? 'device' : null, finishedAt: now });
      const actor = { kind: 'engine', organizationId } as const;
      const detail = { version, failed: failed.map(({ deviceId }) => deviceId) };
      await writeAudit(scope, actor, `agent-upgrade.${end}`, { kind: 'agent-upgrade', id }, detail);
    }
    const changed = [...confirmed, ...superseded, ...failed.map(({ deviceId }) => deviceId), ...tell, ...withdraw];
    const [first] = changed;
    if (first === undefined && end === null) return false;
    await notifyLive(scope, 'device', changed.length === 1 && first !== undefined ? first : '');
    return true;
  });
}
