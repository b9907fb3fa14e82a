import type { WavePlan } from './plan.ts';
import { type DeploymentState, isError, isFinished } from './states.ts';

export type WaveMember = {
  deploymentId: string;
  deviceId: string;
  state: DeploymentState;
  stateSince: Date;
  notifiedAt: Date | null;
  isReachable: boolean;
};

export type WaveCounts = {
  total: number;
  considered: number;
  finished: number;
  succeeded: number;
  errors: number;
  dark: number;
};

/** `considered` is the honest denominator: devices that finished, and those that could be reached. The dark ones are counted apart. */
export function countWave(members: readonly WaveMember[]): WaveCounts {
  const finished = members.filter(({ state }) => isFinished(state) && state !== 'cancelled' && state !== 'superseded');
  const open = members.filter(({ state }) => !isFinished(state));
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

/** Crossed when more than `maxPercent` of the finished devices failed, and enough have finished to say so. */
export function isErrorThresholdCrossed(counts: WaveCounts, { errors }: WavePlan): boolean {
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
