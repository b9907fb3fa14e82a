import { heardUntil } from '../device/axes.ts';
import type { RolloutState } from '../rollout/states.ts';
import type { AlertCondition, DriftCondition, RolloutEvent } from './condition.ts';
import type { Reading } from './evaluate.ts';
import { metricReadings, type OfDevice } from './metric-readings.ts';
import { type AlertDevice, type AlertWorld, type DriftFinding, type RolloutStanding, selectedOf } from './world.ts';

const DAY_MS = 86_400_000;

/** What every subject of a rule reads now; a device without telemetry reads null. */
export function readingsOf(
  { condition, groupLabel }: { condition: AlertCondition; groupLabel: string | null },
  world: AlertWorld,
): Reading[] {
  const groupOf = (device: AlertDevice) => (groupLabel === null ? '' : (device.labels[groupLabel] ?? ''));
  const deviceReading = (device: AlertDevice) => ({
    subjectId: device.id,
    subjectKind: 'device' as const,
    name: device.name,
    group: groupOf(device),
  });
  const { now } = world;
  switch (condition.kind) {
    case 'metric':
      return metricReadings(condition, world, deviceReading);
    case 'offline':
      return selectedOf(world, condition.selector)
        .filter(({ lastHeardAt }) => lastHeardAt !== null)
        .map((device) => {
          const since = silentSince(device, now) ?? now;
          return {
            ...deviceReading(device),
            ...silenceOf(since, condition.afterS, world),
            samples: 1,
            from: since,
            to: now,
          };
        });
    case 'certificate':
      return selectedOf(world, condition.selector)
        .filter(({ certificateEndsAt }) => certificateEndsAt !== null)
        .map((device) => {
          const endsAt = device.certificateEndsAt ?? now;
          const value = Math.round(((endsAt.getTime() - now.getTime()) / DAY_MS) * 10) / 10;
          return { ...deviceReading(device), value, samples: 1, from: now, to: endsAt };
        });
    case 'rollout':
      return world.rollouts.map((rollout) => rolloutReading(condition.events, rollout, now));
    case 'drift':
      return driftReadings(condition, world, deviceReading);
  }
}

/** Each device, and where a rule means them all, each version on the fleet: under the same rule they are members of the same alert. */
function driftReadings(condition: DriftCondition, world: AlertWorld, deviceReading: OfDevice): Reading[] {
  const found = world.drift.filter(({ versionId }) => !condition.versionId || versionId === condition.versionId);
  const byDevice = new Map(found.map((finding) => [finding.deviceId, finding]));
  const devices = selectedOf(world, condition.selector).map((device) => ({
    ...deviceReading(device),
    ...driftReading(byDevice.get(device.id), world.now),
  }));
  if (condition.selector.trim() !== '') return devices;
  const fleet = found.filter(({ deviceId }) => deviceId === null);
  return [
    ...devices,
    ...fleet.map((finding) => ({
      subjectId: finding.versionId,
      subjectKind: 'version' as const,
      name: world.versionNames.get(finding.versionId) ?? finding.versionId,
      group: '',
      ...driftReading(finding, world.now),
    })),
  ];
}

function driftReading(
  finding: DriftFinding | undefined,
  now: Date,
): Pick<Reading, 'value' | 'samples' | 'from' | 'to' | 'versionIds' | 'detail'> {
  const { features = [], samples = 0, from = now, to = now } = finding ?? {};
  const [first] = features;
  return {
    value: features.length,
    samples,
    from,
    to,
    versionIds: finding ? [finding.versionId] : [],
    ...(first !== undefined && { detail: first }),
  };
}

/** Since when a device is not heard; null while it is. A device may be connected and yet hang. */
function silentSince({ online, onlineChangedAt, lastHeardAt }: AlertDevice, now: Date): Date | null {
  if (lastHeardAt === null) return null;
  if (!online) return onlineChangedAt && onlineChangedAt > lastHeardAt ? onlineChangedAt : lastHeardAt;
  return lastHeardAt < now ? lastHeardAt : null;
}

/**
 * How long a device has been silent. Where the server itself could not hear for a part of that, only the rest counts; while the rest is too
 * short to tell, nobody can know.
 */
function silenceOf(
  since: Date,
  afterS: number,
  { now, listening }: AlertWorld,
): { value: number; isUnknowable: boolean } {
  const value = (now.getTime() - since.getTime()) / 1000;
  if (!listening || value <= afterS) return { value, isUnknowable: false };
  const heardFrom = Math.max(since.getTime(), listening.since.getTime());
  const heardTo = Math.min(now.getTime(), heardUntil(listening));
  return { value, isUnknowable: (heardTo - heardFrom) / 1000 <= afterS };
}

const EVENT_STATES: Record<RolloutEvent, readonly RolloutState[]> = {
  paused: ['paused'],
  'waiting-approval': ['pending-approval'],
  'rolled-back': ['rolling-back', 'rolled-back', 'rollback-incomplete'],
  aborted: ['aborting', 'aborted'],
};

/** An end stays news for a day. */
export const ROLLOUT_NEWS_MS = DAY_MS;

function rolloutReading(events: readonly RolloutEvent[], rollout: RolloutStanding, now: Date): Reading {
  const { id, name, state, stateSince, reason } = rollout;
  const isAsking = state === 'paused' && reason?.code === 'approval';
  const holds = events.some((event) => {
    if (event === 'waiting-approval' && isAsking) return true;
    if (event === 'paused' && isAsking) return false;
    return EVENT_STATES[event].includes(state);
  });
  const isNews =
    now.getTime() - stateSince.getTime() < ROLLOUT_NEWS_MS || state === 'paused' || state === 'pending-approval';
  return {
    subjectId: id,
    subjectKind: 'rollout',
    name,
    group: id,
    value: holds && isNews ? 1 : 0,
    samples: 1,
    from: stateSince,
    to: now,
    ...(reason && { detail: reason.detail }),
  };
}
