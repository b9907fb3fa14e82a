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

it('never gives a version the colour of the next one, in whichever number they differ', () => {
  const part = fc.nat({ max: 400 });
  fc.assert(
    fc.property(fc.string(), part, part, part, (name, major, minor, patch) => {
      const color = entityColor(`${name}@${major}.${minor}.${patch}`);
      for (const next of [
        `${major + 1}.${minor}.${patch}`,
        `${major}.${minor + 1}.${patch}`,
        `${major}.${minor}.${patch + 1}`,
      ])
        expect(entityColor(`${name}@${next}`)).not.toBe(color);
    }),
  );
});
