/** A y axis: its ends, the values that get a tick, and how many decimals tell them apart. */
export type Scale = { min: number; max: number; ticks: number[]; digits: number };

/** Values closer than this share of their size are equal: no axis can tell them apart. */
const FLAT = 1e-6;

/** Below this nothing that we measure is told from zero. */
const NOTHING = 1e-12;

const NICE_STEPS = [1, 2, 4, 5, 10];

/**
 * The smallest pleasant step (1, 2, 4 or 5 times a power of ten) that is not below the one asked for, and leads to `end` where there is one to
 * reach.
 */
function niceStep(rough: number, end = 0): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = NICE_STEPS.map((step) => step * power).filter((step) => isWhole(end / step));
  return steps.find((step) => step >= rough * 0.999) ?? 10 * power;
}

function isWhole(count: number): boolean {
  return Math.abs(count - Math.round(count)) < 1e-9 * Math.max(1, Math.abs(count));
}

function digitsOf(step: number): number {
  return Math.min(
    6,
    Math.max(
      0,
      [0, 1, 2, 3, 4, 5, 6].find((digits) => Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-6) ??
        6,
    ),
  );
}

/** The first tick that is not below a value. */
function endOf(value: number, step: number): number {
  return Math.ceil(value / step - 1e-9) * step;
}

function ticksBetween(min: number, max: number, step: number): number[] {
  const count = Math.round((max - min) / step);
  return Array.from({ length: count + 1 }, (_, i) => min + i * step);
}

/**
 * An axis around the data whose ends are ticks, with about `intervals` steps. It starts at zero only when zero is near:
 * a line's shape matters more than its distance from nothing. Equal values get room on both sides. `most` is what no value of this kind can
 * exceed, such as 100 %: the axis does not go further while no value does.
 */
export function scaleAround(low: number, high: number, intervals: number, most = Number.POSITIVE_INFINITY): Scale {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const isFlat = high - low <= Math.max(size * FLAT, NOTHING);
  const spread = isFlat ? (size > NOTHING ? size * 0.2 : 1) : high - low;
  const bottom = low >= 0 && low < spread * 0.5 ? 0 : low - (isFlat ? spread / 2 : 0);
  const top = high + (isFlat ? spread / 2 : 0);
  const rough = (top - bottom) / intervals;
  const isPastMost = high <= most && endOf(top, niceStep(rough)) > most;
  const step = isPastMost ? niceStep(rough, most) : niceStep(rough);
  const min = Math.floor(bottom / step + 1e-9) * step;
  const max = isPastMost ? most : endOf(top, step);
  return { min, max, ticks: ticksBetween(min, max, step), digits: digitsOf(step) };
}

/** An axis whose ends are given. */
export function scaleFixed(min: number, max: number, intervals: number): Scale {
  const step = niceStep((max - min) / intervals);
  const first = Math.ceil(min / step - 1e-9) * step;
  const last = Math.floor(max / step + 1e-9) * step;
  return { min, max, ticks: ticksBetween(first, last, step), digits: digitsOf(step) };
}
