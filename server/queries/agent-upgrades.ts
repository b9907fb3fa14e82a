import { reasonSentence } from '@flotilla/protocol';
import {
  countAgentVersions,
  countUpgradeDevices,
  listFailedDevices,
  listUpgrades,
  type StoredUpgrade,
} from '../db/agent-upgrades.ts';
import { listAgentVersions } from '../db/agent-versions.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import type { UpgradeDeviceState } from '../domain/agent-upgrade/step.ts';
import type { Deps } from '../services/deps.ts';

export type AgentVersionView = {
  version: string;
  /** When a server last brought it; null for one that devices run and this installation does not have. */
  offeredAt: Date | null;
  platforms: string[];
  devices: number;
};

export type AgentUpgradeView = StoredUpgrade & {
  counts: Partial<Record<UpgradeDeviceState, number>>;
  failed: { deviceId: string; name: string; sentence: string; detail: string }[];
};

/** The agents that devices may be told to become, newest first, then those that only run somewhere. */
export async function agentVersions(deps: Pick<Deps, 'db'>, actor: Actor): Promise<AgentVersionView[]> {
  requirePermission(actor, 'devices:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const [offered, running] = await Promise.all([listAgentVersions(deps.db), countAgentVersions(scope)]);
  const counts = new Map(running.flatMap(({ version, devices }) => (version === null ? [] : [[version, devices]])));
  const known = new Set(offered.map(({ version }) => version));
  return [
    ...offered.map(({ version, packages, offeredAt }) => ({
      version,
      offeredAt,
      platforms: Object.keys(packages).sort(),
      devices: counts.get(version) ?? 0,
    })),
    ...[...counts]
      .filter(([version]) => !known.has(version))
      .map(([version, devices]) => ({ version, offeredAt: null, platforms: [], devices })),
  ];
}

/** The organization's upgrades of agents, newest first. */
export async function agentUpgrades(deps: Pick<Deps, 'db'>, actor: Actor): Promise<AgentUpgradeView[]> {
  requirePermission(actor, 'devices:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const upgrades = await listUpgrades(scope);
  const ids = upgrades.map(({ id }) => id);
  const [counts, failed] = await Promise.all([countUpgradeDevices(scope, ids), listFailedDevices(scope, ids)]);
  return upgrades.map((upgrade) => ({
    ...upgrade,
    counts: counts.get(upgrade.id) ?? {},
    failed: failed
      .filter(({ upgradeId }) => upgradeId === upgrade.id)
      .map(({ deviceId, name, reason }) => ({
        deviceId,
        name,
        sentence: reason ? reasonSentence(reason.code) : '',
        detail: reason?.detail ?? '',
      })),
  }));
}
