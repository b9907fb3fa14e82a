import { reasonSentences } from '@flotilla/protocol';
import { isError, isFinished, isInFlight } from '@/server/domain/rollout/states.ts';
import type { RolloutMember, RolloutPage } from '@/server/queries/rollout-pages.ts';
import { formatQuantity } from '../../ui/format.ts';

/** A device that needs a look: why, and what comes next for it. */
export type LookRow = {
  member: RolloutMember;
  kind: 'trouble' | 'slow' | 'dark';
  why: string;
  next: string | { at: number };
};

/** In one state for longer than this a moving device is worth a look. */
const SLOW_MS = 300_000;

const ORDER: Record<LookRow['kind'], number> = { trouble: 0, slow: 1, dark: 2 };

/** Devices that failed, hang or are out of reach, worst first. Those out of reach count only once their wave is on. */
export function devicesToLookAt(
  { rollout, waves, members }: Pick<RolloutPage, 'rollout' | 'waves' | 'members'>,
  now: Date,
): LookRow[] {
  const isOver = rollout.finishedAt !== null;
  return members
    .flatMap((member) => rowOf(member, waves[member.wavePosition]?.state !== 'pending' && !isOver, now))
    .sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || a.member.deviceName.localeCompare(b.member.deviceName));
}

function rowOf(member: RolloutMember, isWaveOn: boolean, now: Date): LookRow[] {
  const { state, stateSince, connectivity, nextTryAt } = member;
  if (isError(state) || state === 'reverting') {
    const next = nextTryAt === null ? 'keeps what it served' : { at: nextTryAt };
    return [{ member, kind: 'trouble', why: whyOf(member), next }];
  }
  if (isFinished(state)) return [];
  if (connectivity !== 'online') {
    return isWaveOn ? [{ member, kind: 'dark', why: darkWhy(member), next: 'told when it is back' }] : [];
  }
  const isSlow = isInFlight(state) && now.getTime() - stateSince.getTime() > SLOW_MS;
  return isSlow ? [{ member, kind: 'slow', why: progressOf(member), next: 'finishes, or times out' }] : [];
}

/** The reason in the agent's closed list, and what it measured. A code that is not in the list comes with its own words. */
function whyOf({ reasonCode, reasonDetail, state }: RolloutMember): string {
  const known = Object.entries(reasonSentences).find(([code]) => code === reasonCode)?.[1];
  const words = [known, reasonDetail].filter((text): text is string => Boolean(text));
  if (words.length > 0) return [...new Set(words)].join(' ');
  return state === 'timed-out' ? 'It did not finish in its time.' : 'It gave no reason.';
}

function darkWhy({ connectivity, state }: RolloutMember): string {
  const told = state === 'queued' ? 'It has not been told yet' : 'It was told and fell silent';
  return connectivity === 'never-seen' ? 'It never connected.' : `${told}; it does not count against the wave.`;
}

function progressOf({ state, bytes, totalBytes }: RolloutMember): string {
  if (state === 'downloading' && bytes !== null && totalBytes !== null)
    return `${formatQuantity(bytes, 'bytes')} of ${formatQuantity(totalBytes, 'bytes')} arrived.`;
  return state === 'notified' ? 'It was told, but has not answered yet.' : `It has been ${state} for long.`;
}
