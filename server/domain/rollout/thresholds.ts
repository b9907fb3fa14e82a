import type { WavePlan } from './plan.ts';
import type { Retries } from './plan-limits.ts';
import { isRetryable } from './retries.ts';
import { type DeploymentState, isError, isFinished } from './states.ts';

export type WaveMember = {
  deploymentId: string;
  deviceId: string;
  state: DeploymentState;
  stateSince: Date;
  /** When it was last told. */
  notifiedAt: Date | null;
  isReachable: boolean;
  /** How often it was told. */
  tries: number;
  /** When a device that failed said that it tries again by itself. */
  triesAgainAt: Date | null;
  /** The values of the budget's labels; devices with the same one share a budget. */
  group: string;
  /** The rollout that takes this one back has brought the device back. */
  isBack: boolean;
};

export type WaveCounts = {
  total: number;
  considered: number;
  finished: number;
  succeeded: number;
  errors: number;
  /** Told, and neither finished nor given up: on their way, or to be told again. */
  moving: number;
  dark: number;
};

const noRetries: Retries = { count: 0, backoffS: 60 };

/**
 * `considered` is the honest denominator: devices that finished, and those that could be reached. The dark ones are counted apart. One
 * that will be told again is not finished. One that was refused without being told, because the release does not fit it, counts nowhere.
 */
export function countWave(members: readonly WaveMember[], retries = noRetries): WaveCounts {
  const isOpen = (member: WaveMember) => !isFinished(member.state) || isRetryable(member, retries);
  const finished = members.filter((member) => !isOpen(member) && hasAnswered(member));
  const open = members.filter(isOpen);
  const reachable = open.filter(({ isReachable }) => isReachable);
  return {
    total: members.length,
    considered: finished.length + reachable.length,
    finished: finished.length,
    succeeded: finished.filter(({ state }) => state === 'succeeded').length,
    errors: finished.filter(({ state }) => isError(state)).length,
    moving: open.filter(({ state }) => state !== 'queued').length,
    dark: open.length - reachable.length,
  };
}

function hasAnswered({ state, notifiedAt }: WaveMember): boolean {
  if (state === 'cancelled' || state === 'superseded') return false;
  return !(state === 'rejected' && notifiedAt === null);
}

/**
 * Crossed above `maxCount` errors; and when more than `maxPercent` of the devices that were told have failed, and enough have finished to
 * say so. Devices on their way count as if they succeeded: failures end sooner than successes, so of those that finish first too many have
 * failed, and a device that was told already is not kept from anything by stopping early. No sample is needed once the wave is sure to
 * have failed, whatever all others do.
 */
export function isErrorThresholdCrossed(counts: WaveCounts, { errors }: WavePlan): boolean {
  if (errors.maxCount !== null && counts.errors > errors.maxCount) return true;
  const isAbove = (devices: number) => counts.errors > 0 && counts.errors * 100 > errors.maxPercent * devices;
  const sample = Math.min(errors.minSample, counts.total);
  const isSampled = counts.finished >= sample && isAbove(counts.finished + counts.moving);
  return isSampled || isAbove(counts.considered + counts.dark);
}

/** Reached when enough of the considered devices succeeded. */
export function isSuccessThresholdReached(counts: WaveCounts, { success }: WavePlan): boolean {
  const sample = Math.min(success.minSample, counts.total);
  return (
    counts.succeeded > 0 &&
    counts.considered >= sample &&
    counts.succeeded * 100 >= success.minPercent * counts.considered
  );
}
