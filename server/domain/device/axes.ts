import type { DeploymentState } from '../rollout/states.ts';

export const connectivities = ['online', 'stale', 'offline', 'never-seen'] as const;
export type Connectivity = (typeof connectivities)[number];

export const healths = ['healthy', 'attention', 'critical', 'unknown'] as const;
export type Health = (typeof healths)[number];

export const updates = [
  'up-to-date',
  'updating',
  'queued',
  'waiting',
  'incompatible',
  'rejected',
  'reverted',
  'failed',
  'unassigned',
] as const;
export type Update = (typeof updates)[number];

/** A device that is connected but was not heard for this long is stale: the broker has not noticed yet, or it hangs. */
export const STALE_AFTER_MS = 60_000;

/** That somebody listens is noted so often, and holds for as long after it was. */
export const LISTENING_NOTED_MS = 5_000;

/** A share of failed inferences above this is worth a look, above the next it is serious. */
const ERROR_RATE_ATTENTION = 0.01;
const ERROR_RATE_CRITICAL = 0.1;

/** The newest time in which the server could hear devices without a gap. */
export type Listening = { since: Date; until: Date };

/**
 * Connectivity, as of `now`: what the newest birth or last will said, and how old the last word is. Only time in which somebody
 * listened counts: a device is not silent because no worker ran, or none had a broker.
 */
export function connectivityOf(
  device: { online: boolean; lastHeardAt: Date | null },
  now: Date,
  listening: Listening | null,
): Connectivity {
  if (device.lastHeardAt === null) return 'never-seen';
  if (!device.online) return 'offline';
  const from = Math.max(device.lastHeardAt.getTime(), listening?.since.getTime() ?? 0);
  const until = Math.min(now.getTime(), heardUntil(listening));
  return until - from > STALE_AFTER_MS ? 'stale' : 'online';
}

/** Until when devices could be heard, in ms since the epoch. */
export function heardUntil(listening: Listening | null): number {
  return listening ? listening.until.getTime() + LISTENING_NOTED_MS : Number.POSITIVE_INFINITY;
}

export type RecentTelemetry = { inferences: number; errors: number; isThrottled: boolean };

/** Health, from the last minutes of telemetry. Without any, it is unknown, never healthy. */
export function healthOf(connectivity: Connectivity, recent: RecentTelemetry | null): Health {
  if (recent === null || connectivity === 'offline' || connectivity === 'never-seen') return 'unknown';
  const errorRate = recent.inferences + recent.errors === 0 ? 0 : recent.errors / (recent.inferences + recent.errors);
  if (errorRate > ERROR_RATE_CRITICAL) return 'critical';
  return errorRate > ERROR_RATE_ATTENTION || recent.isThrottled ? 'attention' : 'healthy';
}

/** Update, from the newest deployment of the device's slot. */
export function updateOf(deployment: { state: DeploymentState; isReachable: boolean } | null): Update {
  if (deployment === null) return 'unassigned';
  switch (deployment.state) {
    case 'queued':
      return deployment.isReachable ? 'queued' : 'waiting';
    case 'succeeded':
    case 'cancelled':
    case 'superseded':
      return 'up-to-date';
    case 'failed':
    case 'timed-out':
      return 'failed';
    case 'rejected':
      return 'rejected';
    case 'reverted':
      return 'reverted';
    case 'notified':
    case 'accepted':
    case 'downloading':
    case 'verifying':
    case 'staging':
    case 'proving':
    case 'switching':
    case 'observing':
    case 'reverting':
      return 'updating';
  }
}
