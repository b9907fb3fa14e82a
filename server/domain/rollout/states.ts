export const rolloutStates = [
  'draft',
  'pending-approval',
  'rejected',
  'scheduled',
  'running',
  'paused',
  'succeeded',
  'aborting',
  'aborted',
  'rolling-back',
  'rolled-back',
  'rollback-incomplete',
] as const;
export type RolloutState = (typeof rolloutStates)[number];

const finishedRolloutStates: readonly RolloutState[] = [
  'rejected',
  'succeeded',
  'aborted',
  'rolled-back',
  'rollback-incomplete',
];

export const waveStates = ['pending', 'rolling', 'baking', 'passed', 'failed', 'skipped'] as const;
export type WaveState = (typeof waveStates)[number];

export const deploymentStates = [
  'queued',
  'notified',
  'accepted',
  'downloading',
  'verifying',
  'staging',
  'proving',
  'switching',
  'observing',
  'reverting',
  'succeeded',
  'failed',
  'rejected',
  'timed-out',
  'cancelled',
  'superseded',
  'reverted',
] as const;
export type DeploymentState = (typeof deploymentStates)[number];

/** The device has done what it will do, for now. A `failed` one may still succeed: the device tries again by itself. */
export const finishedStates = [
  'succeeded',
  'failed',
  'rejected',
  'timed-out',
  'cancelled',
  'superseded',
  'reverted',
] as const;

const errorStates: readonly DeploymentState[] = ['failed', 'rejected', 'timed-out', 'reverted'];

export function isFinished(state: DeploymentState): boolean {
  return finishedStates.some((each) => each === state);
}

/** Does this count against the error threshold? A cancelled or superseded deployment does not. */
export function isError(state: DeploymentState): boolean {
  return errorStates.includes(state);
}

/** The device was told to move and has not finished. */
export function isInFlight(state: DeploymentState): boolean {
  return state !== 'queued' && !isFinished(state);
}

export function isRolloutFinished(state: RolloutState): boolean {
  return finishedRolloutStates.some((each) => each === state);
}
