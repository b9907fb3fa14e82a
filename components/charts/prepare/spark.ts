/** A path through values in a box, broken where a value is missing. Flat values lie in the middle. */
export function sparkPath(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '';
  const low = Math.min(...known);
  const spread = Math.max(...known) - low;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let path = '';
  let isBroken = true;
  values.forEach((value, i) => {
    if (value === null) {
      isBroken = true;
      return;
    }
    const y = spread === 0 ? height / 2 : height - ((value - low) / spread) * height;
    path += `${isBroken ? 'M' : 'L'}${(i * step).toFixed(1)} ${y.toFixed(1)}`;
    isBroken = false;
  });
  return path;
}

/** Points on a grid as evenly spaced values over a range: null where a bucket is missing, so that the line breaks there. */
export function evenly(
  points: readonly { t: number; value: number | null }[],
  { from, to, stepMs }: { from: number; to: number; stepMs: number },
): (number | null)[] {
  const count = Math.max(0, Math.floor((to - from) / stepMs));
  const values: (number | null)[] = Array.from({ length: count }, () => null);
  for (const { t, value } of points) {
    const index = Math.floor((t - from) / stepMs);
    if (index >= 0 && index < count) values[index] = value;
  }
  return values;
}

/** The distance of a grid's points: the shortest between two of them, or nothing for fewer than two. */
export function stepOfPoints(points: readonly { t: number }[]): number | null {
  const steps = points.slice(1).map((point, i) => point.t - (points[i]?.t ?? 0));
  return steps.length > 0 ? Math.min(...steps) : null;
}
