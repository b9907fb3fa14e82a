import type { RolloutMember } from '@/server/queries/rollout-pages.ts';
import { type Cell, type CellKind, cellKindOf } from '../../status/cells.ts';
import { statusEntry } from '../../status/registry.ts';
import type { DeploymentState } from '../../status/types.ts';
import { type Arrival, arrivedWords } from './words.ts';

/** A device of a wave as a cell: its kind, and its state in words. */
export function cellOf(member: RolloutMember): Cell {
  const isReachable = member.connectivity === 'online';
  const kind = cellKindOf(member.state, isReachable);
  const words = stateWord(member.state);
  const detail = kind === 'offline' ? `${statusEntry('connectivity', member.connectivity).word}, ${words}` : words;
  return { id: member.deviceId, label: member.deviceName, kind, detail };
}

function stateWord(state: DeploymentState): string {
  return statusEntry('deployment', state).word.toLowerCase();
}

/** How many devices each kind of cell stands for, and what that kind means in this rollout: "serve 2.0.0", "rejected or timed out". */
export function legendOf(
  members: readonly RolloutMember[],
  version: string | null,
  arrival: Arrival = 'serve',
): { counts: Partial<Record<CellKind, number>>; words: Partial<Record<CellKind, string>> } {
  const states = new Map<CellKind, Set<string>>();
  const counts: Partial<Record<CellKind, number>> = {};
  for (const member of members) {
    const kind = cellKindOf(member.state, member.connectivity === 'online');
    counts[kind] = (counts[kind] ?? 0) + 1;
    states.set(kind, (states.get(kind) ?? new Set()).add(stateWord(member.state)));
  }
  const words: Partial<Record<CellKind, string>> = {};
  for (const [kind, seen] of states) words[kind] = kindWord(kind, [...seen], version, arrival, counts[kind] === 1);
  const inOrder = LEGEND_ORDER.filter((kind) => counts[kind]);
  return { counts: Object.fromEntries(inOrder.map((kind) => [kind, counts[kind] ?? 0])), words };
}

const LEGEND_ORDER: readonly CellKind[] = ['done', 'moving', 'rejected', 'unfit', 'offline', 'queued'];

function kindWord(
  kind: CellKind,
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
