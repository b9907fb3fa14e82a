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
