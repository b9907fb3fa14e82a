import * as z from 'zod';
import { addHour, emptyHour, HourSums } from './hour-sums.ts';
import { binsOfHours, type ReferenceBins } from './reference.ts';

/** A day has a rhythm, so that a reference of a morning finds drift every night. */
export const LEARN_HOURS = 24;

/** Samples that a learned reference needs: ten times what a window needs. */
export const LEARN_SAMPLES = 2_000;

/** An hour with a larger share of failures is not one to learn from. */
const MAX_ERROR_SHARE = 0.05;

/** What was gathered for a reference so far: hours with good service, of the whole fleet. */
export const Learning = z.object({
  hours: z.number().int().min(0),
  fromMs: z.number().int().nullable(),
  sums: HourSums,
});
export type Learning = z.infer<typeof Learning>;

export function newLearning(): Learning {
  return { hours: 0, fromMs: null, sums: emptyHour() };
}

/** Takes one more hour; `learned` is the reference once there is enough for one. */
export function learnHour(
  learning: Learning,
  hour: { atMs: number; sums: HourSums },
  needHours: number,
): { learning: Learning; learned: ReferenceBins[] | null } {
  const { inferences, errors } = hour.sums;
  if (inferences === 0 || errors > MAX_ERROR_SHARE * (inferences + errors)) return { learning, learned: null };
  const sums = emptyHour();
  addHour(sums, learning.sums);
  addHour(sums, hour.sums);
  const next = { hours: learning.hours + 1, fromMs: learning.fromMs ?? hour.atMs, sums };
  const isEnough = next.hours >= needHours && sums.inferences >= LEARN_SAMPLES;
  return { learning: next, learned: isEnough ? binsOfHours(sums) : null };
}
