/** Numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

/** Spreads neighbouring seeds over the whole range (golden ratio · 2³²). */
const SEED_STRIDE = 0x9e3779b9;

/** A generator of its own for each purpose, so that one draw more in one place changes nothing in another. Source: mulberry32, T. Ettinger. */
export function randomOf(seed: number, stream: number): Random {
  let state = (Math.imul(seed + 1, SEED_STRIDE) ^ Math.imul(stream + 1, 0x85ebca6b)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One draw of the standard normal distribution. Source: Box and Muller, 1958. */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** How many of `n` independent trials succeed; beyond a few dozen by the normal approximation. */
export function binomial(random: Random, n: number, share: number): number {
  if (share <= 0 || n === 0) return 0;
  if (n * share * (1 - share) > 25) {
    const drawn = Math.round(n * share + gaussian(random) * Math.sqrt(n * share * (1 - share)));
    return Math.min(n, Math.max(0, drawn));
  }
  let hits = 0;
  for (let trial = 0; trial < n; trial += 1) if (random() < share) hits += 1;
  return hits;
}

/** What a device's chance is asked for: each purpose has a stream of its own. */
const purposes = ['hardware', 'traits', 'measuring', 'acting', 'link'] as const;

/** A device's stream of chance for one purpose, the same in every run with this seed. */
export function deviceRandom(seed: number, index: number, purpose: (typeof purposes)[number]): Random {
  return randomOf(seed, index * purposes.length + purposes.indexOf(purpose));
}
