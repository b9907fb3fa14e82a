import type { DeviceFilter } from '../db/device-list.ts';
import { type DeviceStanding, listRecentHealth, listStandings } from '../db/device-standings.ts';
import { findListening } from '../db/listening.ts';
import type { Scope } from '../db/scope.ts';
import { countBy } from '../domain/count-by.ts';
import { type DeviceStatus, deviceStatus } from '../domain/device/status.ts';
import { alignDown } from '../domain/telemetry/range.ts';

/** What is "recent" on every page. */
export const RECENT_MS = 600_000;

export type Standing = { device: DeviceStanding; status: DeviceStatus; isThrottled: boolean };

/** How each device of the fleet stands now, as far as the filter holds it, in order of name: as light for ten thousand as can be. */
export async function fleetStanding(
  scope: Scope,
  now: Date,
  filter: Omit<DeviceFilter, 'servingVersionId'>,
): Promise<Standing[]> {
  const from = alignDown(new Date(now.getTime() - RECENT_MS), 60_000);
  const [devices, health, listening] = await Promise.all([
    listStandings(scope, filter),
    listRecentHealth(scope, from),
    findListening(scope.tx),
  ]);
  return devices.map((device) => {
    const recent = health.get(device.id) ?? null;
    return {
      device,
      status: deviceStatus(device, recent, now, listening),
      isThrottled: recent?.isThrottled ?? false,
    };
  });
}

export type AxisCounts = { [axis in 'connectivity' | 'health' | 'update']: Record<string, number> };

export function countAxes(standings: readonly Standing[]): AxisCounts {
  return {
    connectivity: countBy(standings.map(({ status }) => status.connectivity.value)),
    health: countBy(standings.map(({ status }) => status.health.value)),
    update: countBy(standings.map(({ status }) => status.update.value)),
  };
}
