import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '../../testing/database.ts';
import { binaryArray } from './binary-array.ts';
import { ingestPool, isDataError } from './transaction.ts';

const database = testDatabase();
let pool: pg.Pool;
beforeAll(() => {
  pool = ingestPool(database.url(), 1);
});
afterAll(() => pool.end());

const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'));
const document = fc.dictionary(text, fc.oneof(fc.integer(), text)).map((each) => JSON.stringify(each));
const number = fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));
const kinds = {
  uuid: { values: fc.uuid(), as: 'value::text' },
  text: { values: text, as: 'value' },
  json: { values: document, as: 'value::text' },
  jsonb: { values: fc.integer().map(String), as: 'value::text' },
  bool: { values: fc.boolean(), as: 'value' },
  int4: { values: number, as: 'value' },
  int8: { values: fc.maxSafeInteger(), as: 'value::float8' },
  float8: { values: fc.double({ noNaN: true }).map((each) => each + 0), as: 'value' },
  timestamptz: {
    values: fc.integer({ min: -60_000_000_000_000, max: 250_000_000_000_000 }),
    as: 'round(extract(epoch FROM value) * 1000)::float8', // To the millisecond: microseconds are exact until 2285.
  },
} satisfies { [Type in Parameters<typeof binaryArray>[0]]: { values: fc.Arbitrary<unknown>; as: string } };

it.each(Object.entries(kinds))('an array of %s arrives as it is', async (type, { values, as }) => {
  const some = fc.array(fc.option(values as fc.Arbitrary<string>), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(some, async (sent) => {
      const array = binaryArray(type as 'text', sent, (each) => each);
      const { rows } = await pool.query<{ value: unknown }>(
        `SELECT ${as} AS value FROM unnest($1::${type}[]) WITH ORDINALITY AS g (value, place) ORDER BY place`,
        [array],
      );
      expect(rows.map(({ value }) => value)).toEqual(sent);
    }),
    { numRuns: 30 },
  );
});

it('takes of each row what it is asked to take, and nothing for null', async () => {
  const array = binaryArray('int8', [{ n: 3 }, {}, { n: 0 }], (row: { n?: number }) => row.n);
  expect((await pool.query('SELECT $1::int8[]::text AS all', [array])).rows).toEqual([{ all: '{3,NULL,0}' }]);
});

it('says that a value is the data’s fault before anything is sent', () => {
  const wrong = ['0197f000-0000-7000-8000-0000000000a0', 'no id'];
  let error: unknown;
  try {
    binaryArray('uuid', wrong, (id) => id);
  } catch (thrown) {
    error = thrown;
  }
  expect(isDataError(error)).toBe(true);
});
