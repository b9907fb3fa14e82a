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
    dark: open.length - reachable.length,
  };
}

function hasAnswered({ state, notifiedAt }: WaveMember): boolean {
  if (state === 'cancelled' || state === 'superseded') return false;
  return !(state === 'rejected' && notifiedAt === null);
}

/** Crossed when more than `maxPercent` of the finished devices failed, and enough have finished to say so; or more than `maxCount`. */
export function isErrorThresholdCrossed(counts: WaveCounts, { errors }: WavePlan): boolean {
  if (errors.maxCount !== null && counts.errors > errors.maxCount) return true;
  const sample = Math.min(errors.minSample, counts.total);
  return counts.errors > 0 && counts.finished >= sample && counts.errors * 100 > errors.maxPercent * counts.finished;
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
