import classes from './histogram.module.css';

type HistogramProps = {
  /** Shares of each bin; missing values, or classes beyond the reference's, come last. */
  reference: readonly number[];
  current: readonly number[] | null;
  color: string;
  label: string;
};

const WIDTH = 168;
const HEIGHT = 44;

/** Two distributions over the same bins: the reference as an outline, the last window as bars. */
export function Histogram({ reference, current, color, label }: HistogramProps) {
  const hasLast = (reference.at(-1) ?? 0) > 0 || (current?.at(-1) ?? 0) > 0;
  const bins = hasLast ? reference.length : reference.length - 1;
  const most = Math.max(0.001, ...reference, ...(current ?? []));
  const width = WIDTH / bins;
  const top = (share: number) => HEIGHT - (share / most) * (HEIGHT - 2);
  const outline = reference
    .slice(0, bins)
    .map((share, bin) => `${bin === 0 ? 'M' : 'L'}${bin * width} ${top(share)}H${(bin + 1) * width}`)
    .join('');
  return (
    <svg
      className={classes.histogram}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {current?.slice(0, bins).map((share, bin) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its place
          key={bin}
          x={bin * width + 0.5}
          width={Math.max(0.5, width - 1)}
          y={top(share)}
          height={HEIGHT - top(share)}
          fill={color}
        />
      ))}
      <path className={classes.outline} d={outline} />
      <path className={classes.base} d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
    </svg>
  );
}
