import { type DeviceKind, deviceKindOf, deviceKinds } from '@/server/domain/rollout/device-kinds.ts';
import { isInFlight } from '@/server/domain/rollout/states.ts';
import type { RolloutPage, StateCount } from '@/server/queries/rollout-pages.ts';
import { serves, wasTold } from './words.ts';

type WithWaves = { waves: readonly { states: readonly StateCount[] }[] };

/** Devices of the rollout for which it holds. */
export function countDevices({ waves }: WithWaves, holds: (count: StateCount) => boolean = () => true): number {
  return waves.flatMap(({ states }) => states).reduce((sum, count) => (holds(count) ? sum + count.devices : sum), 0);
}

/** How many devices of each kind, worst first; kinds without any are left out. */
export function kindCounts(states: readonly StateCount[]): Partial<Record<DeviceKind, number>> {
  const counts: Partial<Record<DeviceKind, number>> = {};
  for (const { state, isReachable, devices } of states) {
    const kind = deviceKindOf(state, isReachable);
    counts[kind] = (counts[kind] ?? 0) + devices;
  }
  return Object.fromEntries(deviceKinds.flatMap((kind) => (counts[kind] ? [[kind, counts[kind]]] : [])));
}

/** Devices that were told, wait, are on their way, serve it, or came to and went back; those that serve it or can be reached. */
export function standingOf(page: Pick<RolloutPage, 'waves'>) {
  return {
    all: countDevices(page),
    told: countDevices(page, ({ state }) => wasTold(state)),
    waiting: countDevices(page, ({ state }) => state === 'queued'),
    moving: countDevices(page, ({ state }) => isInFlight(state)),
    serving: countDevices(page, ({ state }) => serves(state)),
    cameEver: countDevices(page, ({ state }) => serves(state) || state === 'reverted'),
    reachable: countDevices(page, ({ state, isReachable }) => serves(state) || isReachable),
  };
}
