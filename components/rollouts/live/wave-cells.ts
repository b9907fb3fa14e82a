import { type DeviceKind, deviceKindOf } from '@/server/domain/rollout/device-kinds.ts';
import type { RolloutCell, StateCount } from '@/server/queries/rollout-pages.ts';
import type { Cell } from '../../status/cells.ts';
import { statusEntry } from '../../status/registry.ts';
import type { DeploymentState } from '../../status/types.ts';
import { kindCounts } from './standing.ts';
import { type Arrival, arrivedWords } from './words.ts';

/** A device of a wave as a cell: its kind, and its state in words. */
export function cellOf({ deviceId, deviceName, state, connectivity }: RolloutCell): Cell {
  const kind = deviceKindOf(state, connectivity === 'online');
  const words = stateWord(state);
  const detail = kind === 'offline' ? `${statusEntry('connectivity', connectivity).word}, ${words}` : words;
  return { id: deviceId, label: deviceName, kind, detail };
}

function stateWord(state: DeploymentState): string {
  return statusEntry('deployment', state).word.toLowerCase();
}

/** A kind of device with its count, and what that kind means in this rollout: "serve 2.0.0", "rejected or timed out". */
export type KindLine = { kind: DeviceKind; count: number; word: string };

export function kindLines(
  states: readonly StateCount[],
  version: string | null,
  arrival: Arrival = 'serve',
): KindLine[] {
  const counts = kindCounts(states);
  return LEGEND_ORDER.flatMap((kind) => {
    const count = counts[kind];
    if (!count) return [];
    const seen = states.filter((each) => deviceKindOf(each.state, each.isReachable) === kind);
    const words = [...new Set(seen.map(({ state }) => stateWord(state)))];
    return [{ kind, count, word: kindWord(kind, words, version, arrival, count === 1) }];
  });
}

const LEGEND_ORDER: readonly DeviceKind[] = ['done', 'moving', 'rejected', 'unfit', 'offline', 'queued'];

function kindWord(
  kind: DeviceKind,
  seen: readonly string[],
  version: string | null,
  arrival: Arrival,
  isOne: boolean,
): string {
  if (kind === 'done')
    return version && arrival === 'serve'
      ? `${isOne ? 'serves' : 'serve'} ${version}`
      : arrivedWords(isOne ? 1 : 2, arrival);
  if (kind === 'offline') return 'out of reach';
  if (kind === 'moving' && seen.length > 1) return 'moving';
  return seen.join(' or ');
}
