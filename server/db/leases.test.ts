import { expect, it } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import { dropLease, takeLease } from './leases.ts';

const database = testDatabase();
const LONG_MS = 60_000;
/** A life that is over when it begins, by the database's own clock. */
const OVER_MS = -1;
const take = (holder: string, lifeMs = LONG_MS, name = 'work') => takeLease(database.db(), name, holder, lifeMs);
const drop = (holder: string) => dropLease(database.db(), 'work', holder);

it('a lease has one holder, who may renew it; a lease of another name is another lease', async () => {
  expect(await take('a')).toBe(true);
  expect(await take('b')).toBe(false);
  expect(await take('a')).toBe(true);
  expect(await take('b', LONG_MS, 'other work')).toBe(true);
  await drop('a');
});

it('a lease that ran out goes to whoever asks first, and its old holder has to wait', async () => {
  await take('a', OVER_MS);
  expect(await take('b')).toBe(true);
  expect(await take('a')).toBe(false);
  await drop('b');
});

it('renewing puts the end further away, or nearer', async () => {
  await take('a', OVER_MS);
  await take('a');
  expect(await take('b')).toBe(false);
  await take('a', OVER_MS);
  expect(await take('b')).toBe(true);
  await drop('b');
});

it('a lease that is dropped is free at once; only its holder can drop it', async () => {
  await take('a');
  await drop('b');
  expect(await take('b')).toBe(false);
  await drop('a');
  expect(await take('b')).toBe(true);
  await drop('b');
});

it('of many who ask at once, one gets it, whether it is free or has run out', async () => {
  for (const round of ['free', 'over']) {
    if (round === 'over') await take('before', OVER_MS);
    const names = Array.from({ length: 20 }, (_, at) => `${round} ${at}`);
    const taken = await Promise.all(names.map((name) => take(name)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    await drop(names[taken.indexOf(true)] ?? '');
  }
});
