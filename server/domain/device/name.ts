import * as z from 'zod';

const MAX_LENGTH = 63;
const CONTROL = /\p{Cc}/u;

/** What people call a device; unique in its organization. */
export const DeviceName = z
  .string()
  .trim()
  .min(1, 'A device needs a name.')
  .max(MAX_LENGTH)
  .refine((name) => !CONTROL.test(name), 'A name has no line breaks or other control characters.');

/** A name out of what a device calls itself, which may be anything. */
export function deviceNameFrom(text: string): string {
  const cleaned = text.replaceAll(new RegExp(CONTROL, 'gu'), '').trim().slice(0, MAX_LENGTH).trim();
  return cleaned === '' ? 'device' : cleaned;
}

/** `camera`, `camera-2`, `camera-3` …, never longer than a name may be. */
export function numberedName(base: string, number: number): string {
  if (number === 1) return base;
  const suffix = `-${number}`;
  return `${base.slice(0, MAX_LENGTH - suffix.length)}${suffix}`;
}

/** Numbers asked about in one question. */
const ASKED_AT_ONCE = 32;

/**
 * A number from 2 whose name is free: the next one where names were given in order. It asks few questions about few numbers, so that the
 * ten-thousandth device called `raspberrypi` does not read ten thousand names.
 */
export async function freeNumber(takenOf: (numbers: number[]) => Promise<ReadonlySet<number>>): Promise<number> {
  let [taken, free] = await firstFree(1, powersOfTwo(), takenOf);
  while (free - taken > 1) [taken, free] = await firstFree(taken, spread(taken, free), takenOf);
  return free;
}

/** The first candidate that is free, and the one before it. */
async function firstFree(
  taken: number,
  candidates: number[],
  takenOf: (numbers: number[]) => Promise<ReadonlySet<number>>,
): Promise<[taken: number, free: number]> {
  const given = await takenOf(candidates);
  const index = candidates.findIndex((candidate) => !given.has(candidate));
  const free = candidates[index];
  if (free === undefined) throw new Error(`all of ${candidates.length} names are taken`);
  return [candidates[index - 1] ?? taken, free];
}

function powersOfTwo(): number[] {
  return Array.from({ length: ASKED_AT_ONCE - 1 }, (_, exponent) => 2 ** (exponent + 1));
}

/** Numbers between the two, evenly, and `free` itself. */
function spread(taken: number, free: number): number[] {
  const count = Math.min(ASKED_AT_ONCE, free - taken);
  return Array.from({ length: count }, (_, index) => taken + Math.ceil(((index + 1) * (free - taken)) / count));
}
