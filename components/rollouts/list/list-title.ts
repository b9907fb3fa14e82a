import type { RolloutListRow } from '@/server/queries/rollout-pages.ts';
import { formatCount } from '../../ui/format.ts';

/** The list's answer: how many move, and how many wait for a person. */
export function listTitle(rows: readonly Pick<RolloutListRow, 'state'>[] | undefined): string {
  if (rows === undefined) return 'Rollouts';
  const count = (...states: RolloutListRow['state'][]) => rows.filter(({ state }) => states.includes(state)).length;
  const moving = count('running', 'aborting', 'rolling-back');
  const paused = count('paused');
  const parts = [
    moving > 0 ? `${formatCount(moving)} ${moving === 1 ? 'rollout is' : 'rollouts are'} moving` : null,
    paused > 0
      ? `${formatCount(paused)} ${moving > 0 ? '' : paused === 1 ? 'rollout ' : 'rollouts '}${paused === 1 ? 'is' : 'are'} paused`
      : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'No rollout is moving' : parts.join(', ');
}
