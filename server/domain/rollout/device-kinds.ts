import type { DeploymentState } from './states.ts';

/** How a device of a rollout is counted and drawn: in short, what a person wants to know of it. Worst first. */
export const deviceKinds = ['rejected', 'unfit', 'offline', 'moving', 'queued', 'done'] as const;
export type DeviceKind = (typeof deviceKinds)[number];

const byState: Record<DeploymentState, DeviceKind> = {
  queued: 'queued',
  notified: 'queued',
  accepted: 'moving',
  downloading: 'moving',
  verifying: 'moving',
  staging: 'moving',
  proving: 'moving',
  switching: 'moving',
  observing: 'done',
  succeeded: 'done',
  failed: 'rejected',
  rejected: 'rejected',
  reverted: 'rejected',
  reverting: 'moving',
  'timed-out': 'unfit',
  cancelled: 'queued',
  superseded: 'queued',
};

/** A device that cannot be reached is `offline`, unless its part is over. */
export function deviceKindOf(state: DeploymentState, isReachable: boolean): DeviceKind {
  const kind = byState[state];
  return isReachable || kind === 'done' || kind === 'rejected' ? kind : 'offline';
}
