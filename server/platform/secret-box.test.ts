import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSecretBox } from './secret-box.ts';

const box = createSecretBox(randomBytes(32));

test('what was sealed is opened again, and two seals of one secret have nothing in common', () => {
  const [one, two] = [box.seal('pässword', 'row 1'), box.seal('pässword', 'row 1')];
  expect(one).not.toBe(two);
  expect(box.open(one, 'row 1')).toBe('pässword');
  expect(box.open(box.seal('', 'row 1'), 'row 1')).toBe('');
});

test.each([
  ['for another row', (sealed: string) => box.open(sealed, 'row 2')],
  ['by another key', (sealed: string) => createSecretBox(randomBytes(32)).open(sealed, 'row 1')],
  [
    'after a change',
    (sealed: string) => box.open(`${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`, 'row 1'),
  ],
  ['cut off', (sealed: string) => box.open(sealed.slice(0, 20), 'row 1')],
  ['of another version', (sealed: string) => box.open(sealed.replace('v1', 'v2'), 'row 1')],
])('nothing is opened %s', (_, open) => {
  expect(() => open(box.seal('a secret of some length', 'row 1'))).toThrow();
});

test('a key of another length is refused', () => {
  expect(() => createSecretBox(randomBytes(16))).toThrow(/32 bytes/);
});
