/** The chart palette's size; the tokens are --c1 … --c8. */
export const ENTITY_COLORS = 8;

/** FNV-1a, 32 bit: short ids spread well, and the same id gives the same number everywhere. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}

const VERSION = /^(?<name>.*)@v?(?<major>\d{1,9})(?:\.(?<minor>\d{1,9}))?(?:\.(?<patch>\d{1,9}))?(?<rest>.*)$/s;

/**
 * Versions of one model are drawn against each other, and a hash alone gives two of them one colour every eighth time. So
 * numbers step through the palette, by steps that have no factor in common with its size: a version and the next differ.
 */
function place(id: string): number {
  const parts = VERSION.exec(id)?.groups;
  if (!parts) return hash(id);
  const { name = '', major = '0', minor = '0', patch = '0', rest = '' } = parts;
  const steps = 3 * Number(major) + Number(minor) + 5 * Number(patch);
  return hash(name) + steps + (rest === '' ? 0 : hash(rest));
}

/** The colour that belongs to an entity (a version, a fleet) on every page and for ever, as a CSS value. */
export function entityColor(id: string): string {
  return `var(--c${(place(id) % ENTITY_COLORS) + 1})`;
}
