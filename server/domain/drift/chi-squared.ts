import { logGamma } from '../rollout/gates/special.ts';

const MAX_TERMS = 10_000;
const PRECISION = 1e-14;
const TINY = 1e-300;

/** Share of the χ² distribution with `df` degrees of freedom above x: Q(df/2, x/2). Series and Lentz's fraction (Numerical Recipes 6.2). */
export function chiSquaredAbove(x: number, df: number): number {
  if (!(x > 0)) return 1;
  const [a, z] = [df / 2, x / 2];
  const front = Math.exp(a * Math.log(z) - z - logGamma(a));
  return Math.min(1, Math.max(0, z < a + 1 ? 1 - front * gammaSeries(a, z) : front * gammaFraction(a, z)));
}

/** The x that a share `above` of the χ² distribution exceeds, to a relative 1e-10. */
export function chiSquaredQuantile(above: number, df: number): number {
  let high = Math.max(1, df);
  while (chiSquaredAbove(high, df) > above) high *= 2;
  let low = 0;
  while (high - low > 1e-10 * high) {
    const middle = (low + high) / 2;
    if (chiSquaredAbove(middle, df) > above) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function gammaSeries(a: number, z: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n <= MAX_TERMS && term > sum * PRECISION; n += 1) {
    term *= z / (a + n);
    sum += term;
  }
  return sum;
}

function gammaFraction(a: number, z: number): number {
  let b = z + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; i <= MAX_TERMS; i += 1) {
    const step = -i * (i - a);
    b += 2;
    d = 1 / nonZero(step * d + b);
    c = nonZero(b + step / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) break;
  }
  return fraction;
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
