'use client';

import { formatCount } from '../../ui/format.ts';
import classes from './kind-bar.module.css';
import type { KindLine } from './wave-cells.ts';

type KindBarProps = {
  lines: readonly KindLine[];
  /** "Wave 2": in whose devices one looks. */
  of: string;
  onChoose: (kind: KindLine['kind']) => void;
};

/** The devices of a large wave as one bar, a piece for each kind; a click lists them. */
export function KindBar({ lines, of, onChoose }: KindBarProps) {
  return (
    <div className={classes.bar}>
      {lines.map(({ kind, count, word }) => (
        <button
          key={kind}
          type="button"
          data-kind={kind}
          style={{ flex: `${count} 0 0` }}
          title={`${formatCount(count)} ${word}`}
          aria-label={`List the ${formatCount(count)} of ${of}: ${word}`}
          onClick={() => onChoose(kind)}
        />
      ))}
    </div>
  );
}

type KindFilterProps = {
  lines: readonly KindLine[];
  chosen: KindLine['kind'] | null;
  onChoose: (kind: KindLine['kind'] | null) => void;
  label: string;
};

/** What the squares mean, each with its count; pressing one lists its devices, and again all of them. */
export function KindFilter({ lines, chosen, onChoose, label }: KindFilterProps) {
  return (
    <fieldset className={classes.filter} aria-label={label}>
      {lines.map(({ kind, count, word }) => (
        <button
          key={kind}
          type="button"
          className={classes.kind}
          aria-pressed={kind === chosen}
          onClick={() => onChoose(kind === chosen ? null : kind)}
        >
          <span className={classes.cell} data-kind={kind} />
          <b>{formatCount(count)}</b> {word}
        </button>
      ))}
    </fieldset>
  );
}
