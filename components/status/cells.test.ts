import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, type CellKind, drawCells } from './cells.ts';

const kinds = fc.constantFrom<CellKind>('queued', 'done', 'moving', 'offline', 'rejected');
const cellsOf = (list: CellKind[]): Cell[] => list.map((kind, i) => ({ id: `d${i}`, label: `press-${i}`, kind }));

describe('drawCells', () => {
  it('draws one cell per device up to the limit', () => {
    const drawn = drawCells(cellsOf(['done', 'rejected']), 2);
    expect(drawn.map((cell) => [cell.label, cell.detail])).toEqual([
      ['press-0', 'done'],
      ['press-1', 'rejected'],
    ]);
  });

  it('never draws more than the limit, never loses a device, never hides a rejection', () => {
    fc.assert(
      fc.property(fc.array(kinds, { maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (list, limit) => {
        const drawn = drawCells(cellsOf(list), limit);
        expect(drawn.length).toBeLessThanOrEqual(limit);
        expect(drawn.reduce((sum, cell) => sum + cell.members, 0)).toBe(list.length);
        expect(drawn.some((cell) => cell.kind === 'rejected')).toBe(list.includes('rejected'));
      }),
    );
  });

  it('says what a joined cell holds, worst first', () => {
    const [cell] = drawCells(cellsOf(['done', 'rejected', 'done']), 1);
    expect(cell).toMatchObject({ label: 'press-0 to press-2', detail: '1 rejected, 2 done', members: 3 });
  });
});
