/** A function that never falls: points, linear between them and flat beyond. */
export type Curve = { x: number[]; y: number[] };

type Block = { x: number; y: number; weight: number };

/**
 * The function that never falls and is nearest to the points by least squares (pool adjacent violators, Ayer et al. 1955). One point a
 * block, at its mean x; neighbours are joined until at most `maxPoints` are left.
 */
export function isotonic(points: readonly { x: number; y: number }[], maxPoints: number): Curve {
  const blocks: Block[] = [];
  const byX = Map.groupBy(points, ({ x }) => x);
  for (const [x, same] of [...byX].sort(([a], [b]) => a - b)) {
    blocks.push({ x, y: same.reduce((sum, { y }) => sum + y, 0) / same.length, weight: same.length });
    pool(blocks);
  }
  while (blocks.length > maxPoints) joinLightest(blocks);
  return { x: blocks.map((block) => block.x), y: blocks.map((block) => block.y) };
}

/** The curve at x; x itself of a curve without points. */
export function curveAt({ x: xs, y: ys }: Curve, x: number): number {
  const after = xs.findIndex((each) => each >= x);
  if (after < 0) return ys.at(-1) ?? x;
  const [x1 = 0, y1 = x] = [xs[after], ys[after]];
  const [x0, y0] = [xs[after - 1], ys[after - 1]];
  if (x0 === undefined || y0 === undefined || x1 === x0) return y1;
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

function pool(blocks: Block[]): void {
  for (let last = blocks.at(-1), before = blocks.at(-2); last && before && before.y >= last.y; ) {
    join(before, last);
    blocks.pop();
    last = blocks.at(-1);
    before = blocks.at(-2);
  }
}

function join(into: Block, other: Block): void {
  const weight = into.weight + other.weight;
  into.x = (into.x * into.weight + other.x * other.weight) / weight;
  into.y = (into.y * into.weight + other.y * other.weight) / weight;
  into.weight = weight;
}

function joinLightest(blocks: Block[]): void {
  let lightest = 1;
  const weightAt = (at: number) => (blocks[at]?.weight ?? 0) + (blocks[at - 1]?.weight ?? 0);
  for (let at = 2; at < blocks.length; at += 1) if (weightAt(at) < weightAt(lightest)) lightest = at;
  const [before, gone] = [blocks[lightest - 1], blocks[lightest]];
  if (before && gone) join(before, gone);
  blocks.splice(lightest, 1);
}
