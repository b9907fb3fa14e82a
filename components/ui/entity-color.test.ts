import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ENTITY_COLORS, entityColor } from './entity-color.ts';

it('gives an entity the same palette colour every time', () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      const color = entityColor(id);
      expect(color).toBe(entityColor(id));
      expect(color).toMatch(new RegExp(`^var\\(--c[1-${ENTITY_COLORS}]\\)$`));
    }),
  );
});

it('uses the whole palette for names that differ in one digit', () => {
  const colors = new Set(Array.from({ length: 64 }, (_, i) => entityColor(`vibration-fault@1.${i}.0`)));
  expect(colors.size).toBe(ENTITY_COLORS);
});
