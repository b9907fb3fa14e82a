import type { DeploymentState } from '../rollout/states.ts';
import {
  type Connectivity,
  connectivityOf,
  type Health,
  healthOf,
  type Listening,
  type RecentTelemetry,
  type Update,
  updateOf,
} from './axes.ts';

/** One axis of a device's status: what, and since when as far as that is known. */
export type Axis<T> = { value: T; since: Date | null };

export type DeviceStatus = { connectivity: Axis<Connectivity>; health: Axis<Health>; update: Axis<Update> };

export type StatusInput = {
  online: boolean;
  onlineChangedAt: Date | null;
  lastHeardAt: Date | null;
  serving: { since: Date | null } | null;
  deployment: { state: DeploymentState; stateSince: Date } | null;
};

/** The three axes of a device, each by itself, as of `now`. */
export function deviceStatus(
  device: StatusInput,
  recent: RecentTelemetry | null,
  now: Date,
  listening: Listening | null,
): DeviceStatus {
  const connectivity = connectivityOf(device, now, listening);
  const isReachable = connectivity === 'online';
  const { deployment, serving } = device;
  const update = deployment
    ? updateOf({ state: deployment.state, isReachable })
    : serving
      ? 'up-to-date'
      : 'unassigned';
  return {
    connectivity: {
      value: connectivity,
      since: connectivity === 'stale' ? device.lastHeardAt : device.onlineChangedAt,
    },
    health: { value: healthOf(connectivity, recent), since: null },
    update: { value: update, since: deployment?.stateSince ?? serving?.since ?? null },
  };
}
