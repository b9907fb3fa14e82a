import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reservedSlugs, slugOf } from './account.ts';

const app = join(import.meta.dirname, '../../../app');

test.each([
  ['Harbour Robotics AS', 'harbour-robotics-as'],
  ['Harbour Røbotics', 'harbour-r-botics'],
  ['  Été 2026! ', 'ete-2026'],
  ['漢字', 'organization'],
  ['API', 'api-organization'],
  ['Sign in', 'sign-in-organization'],
  ['x'.repeat(60), 'x'.repeat(40)],
])('%s is addressed as %s', (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});

test('every address of the app that is not of an organization is reserved', () => {
  const roots = ['', '(auth)', '(console)'].flatMap((group) =>
    readdirSync(join(app, group), { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && /^[a-z]/.test(entry.name),
    ),
  );
  expect(roots.length).toBeGreaterThan(3);
  for (const { name } of roots) expect(reservedSlugs).toContain(name.replace(/\..*$/, ''));
});
