/** A number as a field has it: null while it is empty. */
export type Field = number | null;

/** Percent to a share without the noise of binary fractions: 98.9 becomes 0.989. */
export function toShare(percent: number): number {
  return Number((percent / 100).toPrecision(12));
}

export function toPercent(share: number): number {
  return Number((share * 100).toPrecision(12));
}

/** Minutes of a field as whole seconds. */
export function toSeconds(minutes: Field): number {
  return Math.round((minutes ?? 0) * 60);
}

export function toMinutes(seconds: number): number {
  return Number((seconds / 60).toPrecision(12));
}
