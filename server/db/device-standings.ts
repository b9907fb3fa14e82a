import type { RecentTelemetry } from '../domain/device/axes.ts';
import type { StatusInput } from '../domain/device/status.ts';
import type { DeploymentState } from '../domain/rollout/states.ts';
import { NIL_ID } from '../domain/telemetry/rollup.ts';
import { type DeviceFilter, deviceConditions, NEWEST_DEPLOYMENT } from './device-list.ts';
import { Prisma } from './generated/client.ts';
import { epochMs, selectColumns, selectRows } from './json-columns.ts';
import type { Scope } from './scope.ts';

/** What the status of a device is made of, and what groups it: a tenth of what its row on a page needs. */
export type DeviceStanding = StatusInput & {
  id: string;
  name: string;
  site: string | null;
  /** Of the newest deployment. */
  reasonCode: string | null;
  targetVersion: string | null;
};

type Read = {
  id: string;
  name: string;
  site: string | null;
  online: boolean;
  onlineChangedMs: number | null;
  lastHeardMs: number | null;
  isServing: boolean;
  servingSinceMs: number | null;
  state: DeploymentState | null;
  stateSinceMs: number | null;
  reasonCode: string | null;
  targetVersion: string | null;
};

const columns: { [Name in keyof Read]: Prisma.Sql } = {
  id: Prisma.sql`d.id`,
  name: Prisma.sql`d.name`,
  site: Prisma.sql`l.value`,
  online: Prisma.sql`d.online`,
  onlineChangedMs: epochMs('d.online_changed_at'),
  lastHeardMs: epochMs('d.last_heard_at'),
  isServing: Prisma.sql`s.serving_release_id IS NOT NULL`,
  servingSinceMs: epochMs('s.serving_since'),
  state: Prisma.sql`p.state`,
  stateSinceMs: epochMs('p.state_since'),
  reasonCode: Prisma.sql`p.reason ->> 'code'`,
  targetVersion: Prisma.sql`pv.version`,
};

/** How each of the devices stands, in order of name. */
export async function listStandings(
  scope: Scope,
  filter: Omit<DeviceFilter, 'servingVersionId'>,
): Promise<DeviceStanding[]> {
  const rows = await selectRows<Read>(
    scope.tx,
    columns,
    Prisma.sql`FROM device d LEFT JOIN device_slot s ON s.device_id = d.id AND s.slot = 'default'
      LEFT JOIN device_label l ON l.device_id = d.id AND l.key = 'site' LEFT JOIN LATERAL (${NEWEST_DEPLOYMENT}) p ON TRUE
      LEFT JOIN release r ON r.id = p.release_id LEFT JOIN model_version pv ON pv.id = r.version_id
      WHERE ${deviceConditions(scope, filter)} ORDER BY d.name COLLATE "C" LIMIT ${filter.limit}`,
  );
  return rows.map(({ state, stateSinceMs, isServing, servingSinceMs, onlineChangedMs, lastHeardMs, ...row }) => ({
    ...row,
    onlineChangedAt: dateOf(onlineChangedMs),
    lastHeardAt: dateOf(lastHeardMs),
    serving: isServing ? { since: dateOf(servingSinceMs) } : null,
    deployment: state === null ? null : { state, stateSince: new Date(stateSinceMs ?? 0) },
  }));
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

type HealthRow = RecentTelemetry & { deviceId: string };

/** What health is judged on, by device, from `from` on: without latencies, which are most of what is stored of a minute. */
export async function listRecentHealth(
  { tx, organizationId }: Scope,
  from: Date,
): Promise<Map<string, RecentTelemetry>> {
  const found = await selectColumns<HealthRow>(
    tx,
    {
      deviceId: Prisma.sql`t.device_id`,
      inferences: Prisma.sql`sum(t.inferences)::float8`,
      errors: Prisma.sql`sum(t.errors)::float8`,
      isThrottled: Prisma.sql`bool_or(t.throttled)`,
    },
    Prisma.sql`FROM telemetry_by_minute t WHERE t.organization_id = ${organizationId}::uuid AND t.device_id <> ${NIL_ID}::uuid
      AND t.bucket_at >= ${from}::timestamptz GROUP BY 1`,
  );
  if (!found) return new Map();
  const { deviceId, inferences, errors, isThrottled } = found;
  return new Map(
    deviceId.map((id, at) => [
      id,
      { inferences: inferences[at] ?? 0, errors: errors[at] ?? 0, isThrottled: isThrottled[at] ?? false },
    ]),
  );
}
