import type { RolloutPlan } from './plan.ts';
import { type DeploymentState, isInFlight } from './states.ts';
import type { WaveMember } from './thresholds.ts';
import { openFrom } from './windows.ts';

/** Steps in which a device may stand because its activation window is closed. */
const beforeSwitch: readonly DeploymentState[] = [
  'notified',
  'accepted',
  'downloading',
  'verifying',
  'staging',
  'proving',
];

export type Overdue = 'deployment' | 'step';

/**
 * Which of its times has run out for a device on its way, if one has? The clock of a device that may not switch yet stands still until
 * its activation window opens. A device that has not answered is in no step.
 */
export function overdueOf(member: WaveMember, plan: RolloutPlan, now: Date): Overdue | null {
  const { state, stateSince, notifiedAt } = member;
  if (!isInFlight(state) || notifiedAt === null) return null;
  if (now > deadlineOf(notifiedAt, plan.timeoutS, state, plan, now)) return 'deployment';
  if (plan.stepTimeoutS === null || state === 'notified') return null;
  return now > deadlineOf(stateSince, plan.stepTimeoutS, state, plan, now) ? 'step' : null;
}

/**
 * May it be on its way at this moment, or be so in the next one without being told? One that failed tries again by itself, and then takes
 * the place that its group and the rollout gave it, so it keeps that place until the time it was given is over: whatever it begins later
 * has timed out.
 */
export function holdsPlace(member: WaveMember, plan: RolloutPlan, now: Date): boolean {
  const { state, notifiedAt, triesAgainAt } = member;
  if (isInFlight(state)) return true;
  if (state !== 'failed' || notifiedAt === null) return false;
  const deadline = deadlineOf(notifiedAt, plan.timeoutS, 'accepted', plan, now);
  return now <= deadline && (triesAgainAt === null || triesAgainAt <= deadline);
}

function deadlineOf(since: Date, limitS: number, state: DeploymentState, { windows }: RolloutPlan, now: Date): Date {
  const plain = new Date(since.getTime() + limitS * 1000);
  if (windows.activate === null || plain >= now || !beforeSwitch.includes(state)) return plain;
  return new Date(openFrom(windows.activate, since).getTime() + limitS * 1000);
}
