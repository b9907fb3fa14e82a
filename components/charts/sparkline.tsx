import { sparkPath } from './prepare/spark.ts';
import classes from './sparkline.module.css';

type SparklineProps = {
  /** Evenly spaced; null breaks the line. */
  values: readonly (number | null)[];
  /** What it shows, in words: "p95 over 24 hours, rising". */
  label: string;
  tone?: 'quiet' | 'attention' | 'critical';
  width?: number;
  height?: number;
};

/** A line the size of a word, for a table cell. It has no axis: the number beside it says how much. */
export function Sparkline({ values, label, tone = 'quiet', width = 84, height = 16 }: SparklineProps) {
  const path = sparkPath(values, width, height);
  if (path === '') return <span className={classes.none}>no data</span>;
  return (
    <svg
      className={classes.spark}
      data-tone={tone}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <path d={path} />
    </svg>
  );
}
