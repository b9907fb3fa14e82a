'use client';

import { type KeyboardEvent, useId, useMemo, useState } from 'react';
import { plural } from '../ui/format.ts';
import { type Cell, type CellKind, cellWord, type DrawnCell, drawCells } from './cells.ts';
import classes from './device-cells.module.css';

type DeviceCellsProps = {
  cells: readonly Cell[];
  /** What the strip shows, for screen readers: "Devices of wave 2". */
  label: string;
  /** A click or Enter on a cell. Joined cells open their first device. */
  onOpen?: (id: string) => void;
  /** `rows` wraps (a wave); `columns` fills columns of seven (a host map). */
  layout?: 'rows' | 'columns';
  /** Without the line that names the device under the pointer. */
  isSilent?: boolean;
  /** The cell under the pointer or the keys, for one line that serves several strips. */
  onHot?: (cell: DrawnCell | null) => void;
};

/** The move each arrow key makes, in cells; up and down step a row of the drawn strip. */
function stepOf(key: string, perLine: number): number {
  return { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perLine, ArrowUp: -perLine }[key] ?? 0;
}

/** One small square per device, in the order given. One tab stop; arrows move, Enter opens, a line reads the cell out. */
export function DeviceCells({ cells, label, onOpen, layout = 'rows', isSilent, onHot }: DeviceCellsProps) {
  const id = useId();
  const drawn = useMemo(() => drawCells(cells), [cells]);
  const [hot, setIndex] = useState<number | null>(null);
  const active = hot === null ? undefined : drawn[hot];
  const open = (cell: DrawnCell | undefined) => cell && onOpen?.(cell.id);

  function setHot(next: number | null) {
    setIndex(next);
    onHot?.(next === null ? null : (drawn[next] ?? null));
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (event.key === 'Enter') return open(active);
    const perLine = layout === 'columns' ? 1 : lineLength(event.currentTarget);
    const step = layout === 'columns' ? columnStep(event.key) : stepOf(event.key, perLine);
    if (step === 0) return;
    event.preventDefault();
    setHot(Math.min(drawn.length - 1, Math.max(0, (hot ?? -1) + (hot === null ? 1 : step))));
  }

  return (
    <div>
      <div
        className={classes.cells}
        data-layout={layout}
        {...(layout === 'columns' && {
          style: { gridTemplateRows: `repeat(${Math.min(COLUMN, drawn.length)}, var(--cell))` },
        })}
        role="listbox"
        tabIndex={0}
        aria-label={label}
        aria-activedescendant={hot === null ? undefined : `${id}-${hot}`}
        onKeyDown={onKeyDown}
        onFocus={() => setHot(hot ?? 0)}
        onBlur={() => setHot(null)}
        onPointerLeave={(event) => document.activeElement !== event.currentTarget && setHot(null)}
      >
        {drawn.map((cell, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the listbox around it has the focus
          <span
            key={cell.id}
            id={`${id}-${index}`}
            className={classes.cell}
            role="option"
            aria-selected={index === hot}
            aria-label={`${cell.label}: ${cell.detail}`}
            data-kind={cell.kind}
            data-hot={index === hot}
            data-opens={onOpen !== undefined}
            onPointerEnter={() => setHot(index)}
            onClick={() => open(cell)}
          />
        ))}
      </div>
      {!isSilent && <CellReadout cell={active} canOpen={onOpen !== undefined} total={cells.length} />}
    </div>
  );
}

/** How many cells the browser put on the first line. */
function lineLength(list: HTMLElement): number {
  const tops = Array.from(list.children, (child) => (child as HTMLElement).offsetTop);
  const next = tops.findIndex((top) => top !== tops[0]);
  return next === -1 ? tops.length : next;
}

/** Cells per column of the host map. */
const COLUMN = 7;

function columnStep(key: string): number {
  return { ArrowDown: 1, ArrowUp: -1, ArrowRight: COLUMN, ArrowLeft: -COLUMN }[key] ?? 0;
}

type CellReadoutProps = { cell: Cell | undefined; canOpen: boolean; total: number };

/** The line under a strip that reads out the cell under the pointer or the keys. */
export function CellReadout({ cell, canOpen, total }: CellReadoutProps) {
  return (
    <p className={classes.readout}>
      {cell ? (
        <>
          <span className={classes.cell} data-kind={cell.kind} />
          <b>{cell.label}</b>
          <span>{cell.detail ?? cellWord(cell.kind)}</span>
        </>
      ) : (
        <span>{plural(total, 'device')}</span>
      )}
      {cell && canOpen && (
        <span className={classes.keys}>
          <kbd>←</kbd> <kbd>→</kbd> move <kbd>Enter</kbd> open
        </span>
      )}
    </p>
  );
}

/** What the squares mean, each with its count. Kinds that do not occur are left out. */
export function CellLegend({
  counts,
  words,
}: {
  counts: Partial<Record<CellKind, number>>;
  words?: Partial<Record<CellKind, string>>;
}) {
  const present = Object.entries(counts).filter(([, count]) => count > 0) as [CellKind, number][];
  return (
    <ul className={classes.legend}>
      {present.map(([kind, count]) => (
        <li key={kind}>
          <span className={classes.cell} data-kind={kind} />
          <b>{count.toLocaleString('en-US')}</b> {words?.[kind] ?? cellWord(kind)}
        </li>
      ))}
    </ul>
  );
}
