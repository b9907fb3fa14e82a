import * as z from 'zod';
import { upgradeDeviceStates } from '../../../domain/agent-upgrade/step.ts';
import { notFound } from '../../../domain/errors.ts';
import { type AgentUpgradeView, agentUpgrades, agentVersions } from '../../../queries/agent-upgrades.ts';
import { PlanUpgrade, planUpgrade, StartUpgrade, startUpgrade } from '../../../services/agents/start-upgrade.ts';
import { stopUpgrade } from '../../../services/agents/stop-upgrade.ts';
import { endpoint } from '../kernel/endpoint.ts';

const Plan = {
  version: z.string(),
  matching: z.int(),
  already: z.int().describe('Run this version now.'),
  unable: z.int().describe('Cannot replace themselves: run the install command on them once.'),
  willUpgrade: z.int(),
  reachable: z.int().describe('Of those that will be upgraded.'),
};
const Version = z.object({
  version: z.string(),
  offeredAt: z.iso.datetime().nullable(),
  platforms: z.array(z.string()),
  devices: z.int(),
});
const Upgrade = z
  .object({
    id: z.uuid(),
    version: z.string(),
    selector: z.string().nullable(),
    firstDevices: z.int(),
    stableS: z.int(),
    state: z.enum(['running', 'done', 'stopped']),
    stoppedBy: z.enum(['device', 'person']).nullable(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    devices: z.partialRecord(z.enum(upgradeDeviceStates), z.int()),
    failed: z.array(z.object({ deviceId: z.uuid(), name: z.string(), sentence: z.string(), detail: z.string() })),
  })
  .meta({ id: 'AgentUpgrade' });
const UpgradePath = z.object({ upgradeId: z.uuid() });

function upgradeResource({ counts, createdById: _, ...upgrade }: AgentUpgradeView): z.input<typeof Upgrade> {
  const finishedAt = upgrade.finishedAt?.toISOString() ?? null;
  return { ...upgrade, createdAt: upgrade.createdAt.toISOString(), finishedAt, devices: counts };
}

export const agentUpgradeEndpoints = [
  endpoint({
    method: 'GET',
    path: '/agent-versions',
    operationId: 'listAgentVersions',
    tag: 'Agents',
    permission: 'devices:read',
    status: 200,
    summary: 'List the agents that devices run, and those that they can be told to become',
    response: z.object({ items: z.array(Version) }).meta({ id: 'AgentVersions' }),
    handle: async ({ deps, actor }) => {
      const versions = await agentVersions(deps, actor);
      const items = versions.map((each) => ({ ...each, offeredAt: each.offeredAt?.toISOString() ?? null }));
      return { status: 200, body: { items } };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/agent-upgrades',
    operationId: 'listAgentUpgrades',
    tag: 'Agents',
    permission: 'devices:read',
    status: 200,
    summary: 'List the newest upgrades of agents',
    response: z.object({ items: z.array(Upgrade) }).meta({ id: 'AgentUpgrades' }),
    handle: async ({ deps, actor }) => ({
      status: 200,
      body: { items: (await agentUpgrades(deps, actor)).map(upgradeResource) },
    }),
  }),
  endpoint({
    method: 'POST',
    path: '/agent-upgrades/plan',
    operationId: 'planAgentUpgrade',
    tag: 'Agents',
    permission: 'devices:read',
    status: 200,
    summary: 'Count the devices that an upgrade would take',
    body: PlanUpgrade.meta({ id: 'PlanAgentUpgrade' }),
    response: z.object(Plan).meta({ id: 'AgentUpgradePlan' }),
    handle: async ({ deps, actor, body }) => ({ status: 200, body: await planUpgrade(deps, actor, body) }),
  }),
  endpoint({
    method: 'POST',
    path: '/agent-upgrades',
    operationId: 'startAgentUpgrade',
    tag: 'Agents',
    permission: 'devices:write',
    status: 201,
    summary: 'Have devices become another version of the agent',
    description:
      'The first devices are told at once, the others when these have confirmed it. It stops at the first device that goes back.',
    body: StartUpgrade.meta({ id: 'StartAgentUpgrade' }),
    response: z.object({ id: z.uuid(), ...Plan }).meta({ id: 'StartedAgentUpgrade' }),
    handle: async ({ deps, actor, body }) => ({ status: 201, body: await startUpgrade(deps, actor, body) }),
  }),
  endpoint({
    method: 'POST',
    path: '/agent-upgrades/{upgradeId}/stop',
    operationId: 'stopAgentUpgrade',
    tag: 'Agents',
    permission: 'devices:write',
    status: 200,
    summary: 'Stop an upgrade: what confirmed stays, nobody else begins',
    params: UpgradePath,
    response: Upgrade,
    handle: async ({ deps, actor, params }) => {
      await stopUpgrade(deps, actor, params);
      const found = (await agentUpgrades(deps, actor)).find(({ id }) => id === params.upgradeId);
      if (!found) throw notFound('upgrade');
      return { status: 200, body: upgradeResource(found) };
    },
  }),
];
