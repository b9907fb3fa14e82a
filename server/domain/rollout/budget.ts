import type { Budget } from './plan-limits.ts';
import type { WaveMember } from './thresholds.ts';

export type GroupRoom = { group: string; moving: number; available: number; size: number; most: number };

/**
 * How many devices of each group may be on their way at the same time. The size of a group is its devices that can be reached: one
 * that is switched off is not made unavailable by us, and must not keep the others waiting for ever. `minAvailable` is clamped to leave
 * one that may move.
 * @param holds is the device on its way, or may it be without being told?
 */
export function groupRooms(
  { maxUnavailable, minAvailable }: Budget,
  members: readonly WaveMember[],
  holds: (member: WaveMember) => boolean,
): Map<string, GroupRoom> {
  const groups = Map.groupBy(members, ({ group }) => group);
  return new Map(
    [...groups].map(([group, all]) => {
      const moving = all.filter(holds).length;
      const size = all.filter((member) => member.isReachable || holds(member)).length;
      const byAvailable = minAvailable === null ? Number.POSITIVE_INFINITY : Math.max(1, size - minAvailable);
      const most = Math.min(maxUnavailable ?? Number.POSITIVE_INFINITY, byAvailable);
      const available = all.filter((member) => member.isReachable && !holds(member)).length;
      return [group, { group, moving, available, size, most }];
    }),
  );
}

/** The name of a device's group: the values of the labels, in their order. Devices without them are a group too. */
export function groupOf(budget: Budget | null, labels: Readonly<Record<string, string>>): string {
  return (budget?.groupBy ?? []).map((key) => `${key}=${labels[key] ?? ''}`).join(', ');
}
