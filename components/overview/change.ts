import type { MapCell } from '@/server/queries/overview.ts';
import type { Cell, CellKind } from '../status/cells.ts';
import { formatQuantity } from '../ui/format.ts';

/** From which change of the p95 on a cell is drawn as better, worse, much and far worse; shares of the usual value. */
const BETTER_FROM = -0.1;
const WORSE_FROM = 0.1;
const BAD_FROM = 0.2;
const WORST_FROM = 0.4;

/** What the kinds of cells mean on this map. */
export const CHANGE_WORDS: Partial<Record<CellKind, string>> = {
  better: 'faster by 10 % or more',
  usual: 'as ever',
  worse: '+10 to 20 %',
  bad: '+20 to 40 %',
  worst: 'above +40 %',
  offline: 'nothing to compare',
};

/** The order of the legend: calm first, then worse and worse. */
export const CHANGE_KINDS: readonly CellKind[] = ['better', 'usual', 'worse', 'bad', 'worst', 'offline'];

/** How much slower a device is than in the hour before; null when either is not known. */
export function changeOf({ p95Ms, usualP95Ms }: Pick<MapCell, 'p95Ms' | 'usualP95Ms'>): number | null {
  return p95Ms === null || usualP95Ms === null || usualP95Ms === 0 ? null : p95Ms / usualP95Ms - 1;
}

export function changeKind(change: number | null): CellKind {
  if (change === null) return 'offline';
  if (change <= BETTER_FROM) return 'better';
  if (change < WORSE_FROM) return 'usual';
  if (change < BAD_FROM) return 'worse';
  return change < WORST_FROM ? 'bad' : 'worst';
}

export function changeText(change: number): string {
  return formatQuantity(change, 'ratio', { signed: true, digits: 0 });
}

/** A cell's device in words. */
function detailOf(cell: MapCell): string {
  const change = changeOf(cell);
  if (cell.p95Ms === null) return 'no telemetry in the last ten minutes';
  const now = `p95 ${formatQuantity(cell.p95Ms, 'ms')}`;
  return change === null
    ? `${now}, not long enough here to know what is usual`
    : `${now}, usually ${formatQuantity(cell.usualP95Ms, 'ms')}, ${changeText(change)}`;
}

export function toCell(cell: MapCell): Cell {
  return { id: cell.id, label: cell.name, kind: changeKind(changeOf(cell)), detail: detailOf(cell) };
}

/** A group of the map. Devices without the label stand last. */
export type Site = { name: string; cells: MapCell[] };

export function sitesOf(map: readonly MapCell[]): Site[] {
  const groups = Map.groupBy(map, ({ site }) => site);
  return [...groups]
    .sort(([a], [b]) => Number(a === null) - Number(b === null) || (a ?? '').localeCompare(b ?? ''))
    .map(([site, cells]) => ({ name: site ?? 'no site', cells }));
}

/** What to see on the map, in one sentence. */
export function mapSentence(map: readonly MapCell[]): string {
  const changes = map.flatMap((cell) => {
    const change = changeOf(cell);
    return change === null ? [] : [{ cell, change }];
  });
  const worst = changes.toSorted((a, b) => b.change - a.change)[0];
  if (!worst) return 'p95 of the last ten minutes against the hour before; nothing to compare yet';
  if (worst.change < WORSE_FROM) return 'nowhere: every p95 of the last ten minutes is close to the hour before';
  return `${worst.cell.name} most: ${changeText(worst.change)} against the hour before`;
}
