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

/**
 * A number whose name is free: 1 if it can be, and the next one where names were given in order. It asks about logarithmically many, so
 * that the ten-thousandth device called `raspberrypi` does not read ten thousand names.
 */
export async function freeNumber(isTaken: (number: number) => Promise<boolean>): Promise<number> {
  let taken = 0;
  let free = 1;
  while (await isTaken(free)) {
    taken = free;
    free *= 2;
  }
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2);
    if (await isTaken(middle)) taken = middle;
    else free = middle;
  }
  return free;
}
