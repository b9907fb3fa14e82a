import type { DeploymentView, DevicePage } from '@/server/queries/device-page.ts';
import type { Moment } from '../../ui/time.tsx';

/** One line of "What happens next": at a time or in a case, and what then. */
export type NextLine = ({ at: Moment } & { text: string }) | { lead: string; text: string };

type Situation = {
  deployment: DeploymentView;
  update: DevicePage['status']['update']['value'];
  name: string;
  hasSlots?: boolean;
};

/** Whether the newest deployment went wrong, waits, or is on its way. */
export function isStuck(update: Situation['update']): boolean {
  return update !== 'updating' && update !== 'up-to-date' && update !== 'unassigned';
}

export function whyTitle({ deployment, update, name, hasSlots }: Situation): string {
  const slot = hasSlots ? ` its slot ${deployment.slot}` : '';
  if (isStuck(update)) return `Why is ${name} not updating${slot}?`;
  return `${name} is updating${slot}${deployment.release ? ` to ${deployment.release.version}` : ''}`;
}

/** The answer in one or two sentences, before the device's own detail; `reason` is what holds it back now. */
export function whyAnswer({ deployment, update }: Situation, reason?: string): string {
  if (deployment.state === 'timed-out') return 'It did not finish in the time that the rollout allows.';
  if (deployment.sentence) return deployment.sentence;
  if (reason && update !== 'updating') return reason;
  switch (update) {
    case 'waiting':
      return 'It is not connected, so it cannot be told.';
    case 'queued':
      return 'Its wave has not reached it yet.';
    case 'updating':
      return 'It is on its way. What it served before goes on until the new release has proved itself.';
    default:
      return 'The device gave no reason.';
  }
}

/** What the device or the server will do by itself, and what a person can do. */
export function whatNext({ deployment, update }: Situation): NextLine[] {
  const { reason, attempts, state } = deployment;
  const keeps = deployment.previousRelease
    ? `${deployment.previousRelease.version} keeps serving.`
    : 'Nothing serves in the meantime.';
  if (update === 'queued')
    return [{ lead: 'next', text: 'The engine tells it when its wave starts. Nothing to do here.' }];
  if (update === 'waiting')
    return [
      {
        lead: 'next',
        text: 'It is told as soon as it is back and its wave has started. What it serves goes on without the server.',
      },
    ];
  if (state === 'reverted' && reason?.code.startsWith('rollout.'))
    return [{ lead: 'now', text: `It was taken back with its rollout. ${keeps}` }];
  if (reason?.retry === 'later' && reason.nextTryAt !== undefined) {
    return [
      { at: reason.nextTryAt, text: `It tries again by itself; ${attemptWord(attempts)} so far.` },
      { lead: 'then', text: `After three failures it waits a day. A newer release clears that. ${keeps}` },
    ];
  }
  if (!isStuck(update)) return [{ lead: 'now', text: `It goes on by itself. ${keeps}` }];
  return [
    { lead: 'now', text: `It does not try this release again by itself: the answer would be the same. ${keeps}` },
    { lead: 'then', text: 'A new version or a release with other limits, rolled out to it, starts afresh.' },
  ];
}

function attemptWord(attempts: number): string {
  return attempts === 1 ? 'one try' : `${attempts} tries`;
}
