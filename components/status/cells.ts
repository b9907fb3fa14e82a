/**
 * How a cell is drawn. A rollout uses the first six; the host map of a change against the usual uses `better` to
 * `worst`, where grey must win the picture.
 */
export type CellKind =
  | 'queued'
  | 'done'
  | 'moving'
  | 'offline'
  | 'unfit'
  | 'rejected'
  | 'better'
  | 'usual'
  | 'worse'
  | 'bad'
  | 'worst'
  | 'planned';

/** One device of the strip. */
export type Cell = { id: string; label: string; kind: CellKind; detail?: string };

/** One drawn cell: a device, or several in one when there are too many to draw. */
export type DrawnCell = { id: string; label: string; kind: CellKind; detail: string; members: number };

/** More cells than this are no longer told apart, and cost time to draw. */
export const MAX_CELLS = 1000;

const WORDS: Record<CellKind, string> = {
  queued: 'queued',
  done: 'done',
  moving: 'moving',
  offline: 'offline',
  unfit: 'incompatible',
  rejected: 'rejected',
  better: 'better',
  usual: 'as ever',
  worse: 'worse',
  bad: 'much worse',
  worst: 'far worse',
  planned: 'maintenance',
};

/** What a kind is called in the readout and the legend. */
export function cellWord(kind: CellKind): string {
  return WORDS[kind];
}

/** Where a kind stands when cells are joined: the one that most needs a look shows. */
const URGENCY: readonly CellKind[] = [
  'usual',
  'queued',
  'done',
  'better',
  'planned',
  'moving',
  'offline',
  'worse',
  'unfit',
  'bad',
  'rejected',
  'worst',
];

function kindCounts(cells: readonly Cell[]): Map<CellKind, number> {
  const counts = new Map<CellKind, number>();
  for (const cell of cells) counts.set(cell.kind, (counts.get(cell.kind) ?? 0) + 1);
  return counts;
}

/** Cells to draw: one per device up to the limit; beyond it, equal runs of neighbours joined, showing their worst. */
export function drawCells(cells: readonly Cell[], limit = MAX_CELLS): DrawnCell[] {
  const size = Math.max(1, Math.ceil(cells.length / limit));
  if (size === 1) {
    return cells.map((cell) => ({ ...cell, detail: cell.detail ?? cellWord(cell.kind), members: 1 }));
  }
  const drawn: DrawnCell[] = [];
  for (let start = 0; start < cells.length; start += size) {
    const run = cells.slice(start, start + size);
    const counts = kindCounts(run);
    const kinds = URGENCY.filter((kind) => counts.has(kind)).reverse();
    const [first, last] = [run[0], run.at(-1)];
    const kind = kinds[0];
    if (first === undefined || last === undefined || kind === undefined) continue;
    drawn.push({
      id: first.id,
      label: run.length === 1 ? first.label : `${first.label} to ${last.label}`,
      kind,
      detail: kinds.map((each) => `${counts.get(each)} ${cellWord(each)}`).join(', '),
      members: run.length,
    });
  }
  return drawn;
}
