import { connectivityOf, type Listening } from '../domain/device/axes.ts';
import { groupOf } from '../domain/rollout/budget.ts';
import type { DeploymentState } from '../domain/rollout/states.ts';
import type { WaveMember } from '../domain/rollout/thresholds.ts';
import { Prisma } from './generated/client.ts';
import { type ColumnsOf, dateOf, epochMs } from './json-columns.ts';
import type { StoredRollout } from './rollouts.ts';
import type { Scope } from './scope.ts';

/** What the engine reads of a device of a rollout; times in milliseconds since the epoch. */
export type Member = {
  id: string;
  deviceId: string;
  position: number;
  state: DeploymentState;
  stateSince: number;
  notifiedAt: number | null;
  tries: number;
  triesAgainAt: number | null;
  online: boolean;
  lastHeardAt: number | null;
};

export const memberColumns: { [Name in keyof Member]: Prisma.Sql } = {
  id: Prisma.sql`p.id`,
  deviceId: Prisma.sql`p.device_id`,
  position: Prisma.sql`p.wave_position`,
  state: Prisma.sql`p.state`,
  stateSince: epochMs('p.state_since'),
  notifiedAt: epochMs('p.notified_at'),
  tries: Prisma.sql`p.tries`,
  triesAgainAt: Prisma.sql`CASE WHEN p.state = 'failed' THEN (p.reason ->> 'nextTryAt')::float8 END`,
  online: Prisma.sql`d.online`,
  lastHeardAt: epochMs('d.last_heard_at'),
};

/** The devices of a rollout `p`, or `only` one of them, with their devices `d`, in the order in which they were planned. */
export function membersQuery({ organizationId }: Scope, rolloutId: string, only?: string): Prisma.Sql {
  return Prisma.sql`FROM deployment p JOIN device d ON d.id = p.device_id
    WHERE p.organization_id = ${organizationId}::uuid AND p.rollout_id = ${rolloutId}::uuid
      AND ${only === undefined ? Prisma.sql`TRUE` : Prisma.sql`p.device_id = ${only}::uuid`} ORDER BY p.id`;
}

/** The devices of a rollout as they were read, by the position of their wave. `back` are those brought back. */
export async function toMembers(
  scope: Scope,
  rollout: Pick<StoredRollout, 'id' | 'plan'>,
  back: ReadonlySet<string>,
  now: Date,
  found: ColumnsOf<Member> | null,
  listening: Listening | null,
): Promise<Map<number, WaveMember[]>> {
  if (!found) return new Map();
  const { id: ids, deviceId: deviceIds, position: positions, state: states } = found;
  const { stateSince, notifiedAt, tries, triesAgainAt, online, lastHeardAt } = found;
  const groups = await loadGroups(scope, rollout);
  const members = new Map<number, WaveMember[]>();
  for (const [at, deploymentId] of ids.entries()) {
    const position = positions[at] ?? 0;
    const deviceId = deviceIds[at] ?? '';
    const heard = { online: online[at] ?? false, lastHeardAt: dateOf(lastHeardAt[at]) };
    const list = members.get(position) ?? [];
    members.set(position, list);
    list.push({
      deploymentId,
      deviceId,
      state: states[at] ?? 'queued',
      stateSince: new Date(stateSince[at] ?? 0),
      notifiedAt: dateOf(notifiedAt[at]),
      isReachable: connectivityOf(heard, now, listening) === 'online',
      tries: tries[at] ?? 0,
      triesAgainAt: dateOf(triesAgainAt[at]),
      group: groups.get(deviceId) ?? groupOf(rollout.plan.budget, {}),
      isBack: back.has(deviceId),
    });
  }
  return members;
}

/** The group of each device that has labels; there are groups only where a budget needs them. */
async function loadGroups(
  { tx, organizationId }: Scope,
  { id: rolloutId, plan: { budget } }: Pick<StoredRollout, 'id' | 'plan'>,
): Promise<Map<string, string>> {
  if (budget === null) return new Map();
  const rows = await tx.deviceLabel.findMany({
    where: { organizationId, key: { in: budget.groupBy }, device: { deployments: { some: { rolloutId } } } },
    select: { deviceId: true, key: true, value: true },
  });
  const byDevice = Map.groupBy(rows, ({ deviceId }) => deviceId);
  const labelsOf = (labels: typeof rows) => Object.fromEntries(labels.map(({ key, value }) => [key, value]));
  return new Map([...byDevice].map(([deviceId, labels]) => [deviceId, groupOf(budget, labelsOf(labels))]));
}
