import classes from './skeleton.module.css';

/** Widths that look like words, taken in turn, so that rows do not form a wall. */
const WIDTHS = ['62%', '84%', '48%', '72%', '56%'];

type SkeletonRowsProps = {
  rows?: number;
  /** Columns of the view that will stand here. */
  columns?: number;
  /** Height of a row in px; the table's by default. */
  height?: number;
};

/** The final shape of a list while it loads. It appears only after a moment, so that a fast answer never flickers. */
export function SkeletonRows({ rows = 8, columns = 5, height = 34 }: SkeletonRowsProps) {
  const lines = Array.from({ length: rows }, (_, row) => row);
  const cells = Array.from({ length: columns }, (_, column) => column);
  return (
    <div className={classes.skeleton} role="status" aria-label="Loading">
      {lines.map((row) => (
        <div key={row} className={classes.row} style={{ height, gridTemplateColumns: `repeat(${columns}, 1fr)` }}>
          {cells.map((column) => (
            <span key={column} className={classes.cell} style={{ width: WIDTHS[(row + column * 2) % WIDTHS.length] }} />
          ))}
        </div>
      ))}
    </div>
  );
}
