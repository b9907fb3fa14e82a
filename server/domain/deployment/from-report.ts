import type { Phase, Reason, SlotReport } from '@flotilla/protocol';
import type { DeploymentState } from '../rollout/states.ts';

const byPhase: Record<Phase, DeploymentState | null> = {
  idle: null,
  accepted: 'accepted',
  downloading: 'downloading',
  verifying: 'verifying',
  staging: 'staging',
  proving: 'proving',
  switching: 'switching',
  observing: 'observing',
  active: 'succeeded',
  failed: 'failed',
  reverting: 'reverting',
  reverted: 'reverted',
  superseded: 'superseded',
};

/** What a slot's report says about the deployment it names; null when it says nothing. A failure that the device will not retry is a rejection. */
export function deploymentStateOf(report: SlotReport): { state: DeploymentState; reason: Reason | null } | null {
  const state = byPhase[report.phase];
  if (state === null) return null;
  const reason = report.reason ?? null;
  return { state: state === 'failed' && reason?.retry === 'never' ? 'rejected' : state, reason };
}

const afterTimeOut: readonly DeploymentState[] = ['succeeded', 'rejected', 'reverted'];

/**
 * May a deployment go from one state to another on a device's word? What the server closed stays closed; what has timed out or
 * failed may still succeed, because the device's word about what it serves is the truth, but what has timed out is not on its way
 * again until it is told again; a success may only be taken back by a revert.
 */
export function mayMove(from: DeploymentState, to: DeploymentState): boolean {
  if (from === to || from === 'cancelled' || from === 'superseded' || from === 'queued') return false;
  if (from === 'timed-out') return afterTimeOut.includes(to);
  if (from === 'succeeded') return to === 'reverted' || to === 'reverting';
  return true;
}
