import { DEFAULT_STABLE_S, MAX_STABLE_S } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import {
  insertUpgrade,
  listUpgradeCandidates,
  supersedeDevices,
  type UpgradeCandidate,
} from '../../db/agent-upgrades.ts';
import { listAgentVersions } from '../../db/agent-versions.ts';
import { writeAudit } from '../../db/audit.ts';
import { notifyWork } from '../../db/notify.ts';
import { forTenant, inTenant, type Scope } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';

/** Devices that may be named one by one; more than these are selected. */
const MAX_NAMED = 500;

/** Devices that go first, at most: the point of going first is to be few. */
const MAX_FIRST = 100;

const Which = {
  version: z.string().max(64).optional().describe('Without one, the agent that this server brings.'),
  selector: z.string().max(1_000).optional().describe('A label selector. An empty one holds every device.'),
  deviceIds: z.array(z.uuid()).min(1).max(MAX_NAMED).optional(),
};
const isOneOf = ({ selector, deviceIds }: { selector?: string | undefined; deviceIds?: string[] | undefined }) =>
  (selector === undefined) !== (deviceIds === undefined);
const ONE_OF = { message: 'Give either selector or deviceIds.', path: ['selector'] };

export const PlanUpgrade = z.object(Which).refine(isOneOf, ONE_OF);
export type PlanUpgrade = z.infer<typeof PlanUpgrade>;

export const StartUpgrade = z
  .object({
    ...Which,
    firstDevices: z.int().min(1).max(MAX_FIRST).default(1),
    stableS: z
      .int()
      .min(1)
      .max(MAX_STABLE_S)
      .default(DEFAULT_STABLE_S)
      .describe(
        'Seconds for which a device must serve and stay connected with it, without a break, before it confirms it.',
      ),
  })
  .refine(isOneOf, ONE_OF);
export type StartUpgrade = z.infer<typeof StartUpgrade>;

/** What an upgrade would do. `unable`: an agent that cannot replace itself, or does not know how: it is upgraded by hand once. */
export type UpgradePlan = {
  version: string;
  matching: number;
  already: number;
  unable: number;
  willUpgrade: number;
  reachable: number;
};

/** Counts the devices that an upgrade would take, without starting it. @throws AppError `invalid`, `not_found` */
export async function planUpgrade(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: PlanUpgrade,
): Promise<UpgradePlan> {
  requirePermission(actor, 'devices:read');
  return (await look(forTenant(deps.db, actor.organizationId), input, deps.now())).plan;
}

/**
 * Has devices become another version of the agent: the first few, and the others when these have confirmed it. Devices of an earlier upgrade
 * that is under way are this one's from now on. @throws AppError `invalid`, `not_found`; `conflict` when there is no device for it.
 */
export async function startUpgrade(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: StartUpgrade,
): Promise<UpgradePlan & { id: string }> {
  requirePermission(actor, 'devices:write');
  const now = deps.now();
  const id = uuidv7({ msecs: now.getTime() });
  const { selector = null, firstDevices, stableS } = input;
  const createdById = actor.kind === 'user' ? actor.userId : null;
  return inTenant(deps.db, actor.organizationId, async (scope) => {
    const { plan, able } = await look(scope, input, now);
    const { version } = plan;
    if (able.length === 0)
      throw new AppError({
        code: 'conflict',
        reason: 'nothing_to_upgrade',
        userMessage: `None of these devices can be upgraded to ${version}: ${plan.already} run it, ${plan.unable} cannot replace themselves.`,
      });
    const deviceIds = able.map(({ deviceId }) => deviceId);
    await supersedeDevices(scope, deviceIds, now);
    const devices = able.map(({ deviceId, report }) => ({ deviceId, fromVersion: report?.version ?? '' }));
    await insertUpgrade(scope, { id, version, selector, firstDevices, stableS, createdById, createdAt: now }, devices);
    const detail = { version, selector, firstDevices, stableS, devices: able.length };
    await writeAudit(scope, actor, 'agent-upgrade.start', { kind: 'agent-upgrade', id }, detail);
    await notifyWork(scope, { kind: 'upgrades' });
    return { id, ...plan };
  });
}

async function look(
  scope: Scope,
  { version: wanted, selector, deviceIds = [] }: PlanUpgrade,
  now: Date,
): Promise<{ plan: UpgradePlan; able: UpgradeCandidate[] }> {
  const versions = await listAgentVersions(scope.tx);
  const version =
    wanted === undefined ? versions[0]?.version : versions.find((each) => each.version === wanted)?.version;
  if (version === undefined) throw notFound('agent version');
  const found = await listUpgradeCandidates(scope, selector === undefined ? { deviceIds } : { selector }, now);
  if (selector === undefined && found.length < new Set(deviceIds).size) throw notFound('device');
  const others = found.filter(({ report }) => report?.version !== version);
  const able = others.filter(({ report }) => report?.isUpgradable === true);
  const plan = {
    version,
    matching: found.length,
    already: found.length - others.length,
    unable: others.length - able.length,
    willUpgrade: able.length,
    reachable: able.filter(({ isReachable }) => isReachable).length,
  };
  return { plan, able };
}
