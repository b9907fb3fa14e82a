import type { Field } from './field.ts';

/** What is wrong with a number that must lie between two; null when nothing is. */
export function between(value: Field, min: number, max: number): string | null {
  if (value !== null && value >= min && value <= max) return null;
  const least = Number(min.toFixed(2));
  return max === Number.MAX_VALUE
    ? `At least ${least}.`
    : `From ${least.toLocaleString('en-US')} to ${max.toLocaleString('en-US')}.`;
}

export function whole(value: Field, min: number, max: number): string | null {
  return between(value, min, max) ?? (Number.isInteger(value) ? null : 'A whole number.');
}

export function optional(value: Field, min: number, max: number): string | null {
  return value === null ? null : between(value, min, max);
}

export function optionalWhole(value: Field, min: number, max: number): string | null {
  return value === null ? null : whole(value, min, max);
}

/** The entries that say something. */
export function present<K extends string>(fields: Partial<Record<K, string | null>>): Partial<Record<K, string>> {
  const wrong = Object.entries(fields).filter((entry): entry is [K, string] => typeof entry[1] === 'string');
  return Object.fromEntries(wrong) as Partial<Record<K, string>>;
}
