import type { Phase } from '@flotilla/protocol';
import type { EventRow } from '@/server/queries/device-events.ts';
import type { DeploymentView } from '@/server/queries/device-page.ts';

/** One step of a device's way to a release. */
export type Step = {
  name: string;
  state: 'done' | 'now' | 'failed' | 'ahead';
  /** When it was reached, or when it failed. */
  at: Date | null;
  /** How long the work of the step took, where both ends are known. */
  tookMs: number | null;
};

/** The phases of the way in order; each step is finished when the next phase begins. */
const WAY: readonly { phase: Phase; name: string; doing?: string }[] = [
  { phase: 'accepted', name: 'Accepted' },
  { phase: 'downloading', name: 'Downloaded', doing: 'Downloading' },
  { phase: 'verifying', name: 'Verified', doing: 'Verifying' },
  { phase: 'staging', name: 'Staged', doing: 'Staging' },
  { phase: 'proving', name: 'Proved', doing: 'Proving' },
  { phase: 'switching', name: 'Switched', doing: 'Switching' },
  { phase: 'observing', name: 'Observed', doing: 'Observing' },
  { phase: 'active', name: 'Active' },
];

/** Where a failure with a reason of this category happens, when no event tells. */
const BY_CATEGORY: Record<string, Phase> = {
  download: 'downloading',
  verify: 'verifying',
  storage: 'downloading',
  release: 'staging',
  runner: 'staging',
  proof: 'proving',
  agent: 'switching',
  observe: 'observing',
};

type Entry = { at: Date; from: Phase | undefined; to: Phase };

/** The phase changes of the deployment's newest attempt, oldest first. */
function attemptOf(deploymentId: string, events: readonly EventRow[]): Entry[] {
  const changes = events
    .filter((row) => row.deploymentId === deploymentId && row.kind === 'phase')
    .flatMap(({ at, event: { from, to } }) => (to ? [{ at, from, to }] : []))
    .toReversed();
  const start = changes.findLastIndex(({ to }) => to === 'accepted');
  return start === -1 ? changes : changes.slice(start);
}

const indexOf = (phase: Phase | undefined) => WAY.findIndex((step) => step.phase === phase);

type Place = { index: number; isFailed: boolean; failedAt: Date | null };

function placeOf(deployment: DeploymentView, changes: readonly Entry[]): Place {
  const { state, reason } = deployment;
  const reached = changes.reduce((last, { to }) => Math.max(last, indexOf(to)), -1);
  switch (state) {
    case 'queued':
    case 'notified':
    case 'cancelled':
    case 'superseded':
      return { index: -1, isFailed: false, failedAt: null };
    case 'succeeded':
      return { index: WAY.length, isFailed: false, failedAt: null };
    case 'failed':
    case 'rejected':
    case 'timed-out':
    case 'reverting':
    case 'reverted': {
      const end = changes.findLast(({ to }) => to === 'failed' || to === 'reverting');
      const byCode = indexOf(BY_CATEGORY[reason?.code.split('.')[0] ?? '']);
      const index = [indexOf(end?.from), byCode, reached].find((each) => each >= 0) ?? 0;
      return { index, isFailed: true, failedAt: end?.at ?? deployment.stateSince };
    }
    default:
      return { index: Math.max(indexOf(state), reached), isFailed: false, failedAt: null };
  }
}

/** The way of a deployment from acceptance to service: what is done and when, where it is, where it failed. */
export function stepsOf(deployment: DeploymentView, events: readonly EventRow[]): Step[] {
  const changes = attemptOf(deployment.id, events);
  const enteredAt = (phase: Phase | undefined) => changes.findLast(({ to }) => to === phase)?.at ?? null;
  const { index, isFailed, failedAt } = placeOf(deployment, changes);
  return WAY.map(({ phase, name, doing = name }, position) => {
    // Being accepted takes no time: the phase is the step. Every other step is done when the next one begins.
    const begun = enteredAt(phase);
    const end = position === 0 || phase === 'active' ? begun : enteredAt(WAY[position + 1]?.phase);
    const isDone = position < index || (position === 0 && index === 0 && !isFailed);
    if (isDone) {
      const tookMs = position > 0 && begun && end ? end.getTime() - begun.getTime() : null;
      return { name, state: 'done', at: end, tookMs };
    }
    if (position !== index) return { name, state: 'ahead', at: null, tookMs: null };
    return isFailed
      ? { name, state: 'failed', at: failedAt, tookMs: null }
      : { name: doing, state: 'now', at: begun, tookMs: null };
  });
}
