/** The chart palette's size; the tokens are --c1 … --c8. */
export const ENTITY_COLORS = 8;

/** FNV-1a, 32 bit: short ids spread well, and the same id gives the same number everywhere. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}

/** The colour that belongs to an entity (a version, a fleet) on every page and for ever, as a CSS value. */
export function entityColor(id: string): string {
  return `var(--c${(hash(id) % ENTITY_COLORS) + 1})`;
}
