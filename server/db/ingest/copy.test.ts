import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '../../testing/database.ts';
import { type CopyColumn, copyRows } from './copy.ts';
import { ingestPool, isDataError } from './transaction.ts';

type Row = {
  place: number;
  id: string | null;
  name: string | null;
  rest: unknown;
  isRight: boolean | null;
  small: number | null;
  large: number | null;
  ratio: number | null;
  at: number | null;
  bytes: Uint8Array | null;
};
const columns: CopyColumn<Row>[] = [
  { name: 'place', type: 'int4', of: (row) => row.place },
  { name: 'id', type: 'uuid', of: (row) => row.id },
  { name: 'name', type: 'text', of: (row) => row.name },
  { name: 'rest', type: 'jsonb', of: (row) => JSON.stringify(row.rest) },
  { name: 'is_right', type: 'bool', of: (row) => row.isRight },
  { name: 'small', type: 'int4', of: (row) => row.small },
  { name: 'large', type: 'int8', of: (row) => row.large },
  { name: 'ratio', type: 'float8', of: (row) => row.ratio },
  { name: 'at', type: 'timestamptz', of: (row) => row.at },
  { name: 'bytes', type: 'bytea', of: (row) => row.bytes },
];
const database = testDatabase();
let pool: pg.Pool;
let client: pg.PoolClient;
beforeAll(async () => {
  pool = ingestPool(database.url(), 1);
  client = await pool.connect();
  await client.query(`CREATE TABLE copied (place INT NOT NULL, id UUID, name TEXT, rest JSONB, is_right BOOL, small INT, large BIGINT,
    ratio FLOAT8, at TIMESTAMPTZ(3), bytes BYTEA)`);
});
afterAll(async () => {
  client.release();
  await pool.end();
});

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'));
const rows = fc.array(
  fc.record({
    id: maybe(fc.uuid()),
    name: maybe(text),
    rest: fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(fc.integer(), text)),
    isRight: maybe(fc.boolean()),
    small: maybe(fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1))),
    large: maybe(fc.maxSafeInteger()),
    ratio: maybe(fc.double({ noNaN: true, noDefaultInfinity: true })),
    at: maybe(fc.integer({ min: -60_000_000_000_000, max: 250_000_000_000_000 })),
    bytes: maybe(fc.uint8Array({ maxLength: 300 })),
  }),
  { minLength: 1, maxLength: 40 },
);

it('stores every value as it is', async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (some) => {
      await client.query('TRUNCATE copied');
      await copyRows(
        client,
        'copied',
        columns,
        some.map((row, place) => ({ ...row, place })),
      );
      const stored = await client.query(
        `SELECT id, name, rest, is_right AS "isRight", small, large, ratio, extract(epoch FROM at) * 1000 AS at, bytes FROM copied ORDER BY place`,
      );
      const numberOf = (value: string | null) => (value === null ? null : Number(value));
      expect(
        stored.rows.map((row) => ({
          ...row,
          large: numberOf(row.large),
          at: numberOf(row.at),
          ratio: row.ratio === null ? null : row.ratio + 0,
          bytes: row.bytes && new Uint8Array(row.bytes),
        })),
      ).toEqual(some.map((row) => ({ ...row, ratio: row.ratio === null ? null : row.ratio + 0 })));
    }),
    { numRuns: 60 },
  );
});

const empty: Row = {
  place: 0,
  id: null,
  name: null,
  rest: {},
  isRight: null,
  small: null,
  large: null,
  ratio: null,
  at: null,
  bytes: null,
};

it('takes a UUID in capitals', async () => {
  await client.query('TRUNCATE copied');
  const id = '0197f000-abcd-7ef0-8000-0123456789ab';
  await copyRows(client, 'copied', columns, [{ ...empty, id: id.toUpperCase() }]);
  expect((await client.query('SELECT id FROM copied')).rows).toEqual([{ id }]);
});

it('grows with its rows', async () => {
  await client.query('TRUNCATE copied');
  const name = 'é'.repeat(100_000);
  await copyRows(client, 'copied', columns, [
    { ...empty, name },
    { ...empty, place: 1, name },
  ]);
  expect((await client.query('SELECT length(name) AS n FROM copied')).rows).toEqual([{ n: 100_000 }, { n: 100_000 }]);
});

it.each([
  ['a NUL in a text', { name: 'a\0b' }],
  ['a number above 32 bits', { small: 2 ** 31 }],
  ['a number below 32 bits', { small: -(2 ** 31) - 1 }],
  ['a number beyond 64 bits', { large: 2 ** 63 }],
  ['a fraction where there is none', { large: 1.5 }],
  ['a time before PostgreSQL’s first', { at: -8.6e15 }],
  ['no time at all', { at: Number.NaN }],
  ['what is no UUID', { id: 'not-one' }],
  ['a UUID with a wrong digit', { id: '0197f000-0000-7000-8000-0000000000ag' }],
  ['a UUID with a digit from elsewhere', { id: '0197f000-0000-7000-8000-0000000000٣0' }],
  ['a UUID with a digit for a dash', { id: '0197f000a0000-7000-8000-0000000000a0' }],
  ['a UUID that goes on', { id: '0197f000-0000-7000-8000-0000000000a00' }],
  ['a document that PostgreSQL does not take', { rest: { a: '\0' } }],
])('%s is the data’s fault, and the connection goes on', async (_, wrong) => {
  await client.query('TRUNCATE copied');
  const error = await copyRows(client, 'copied', columns, [empty, { ...empty, place: 1, ...wrong }]).catch(
    (thrown: unknown) => thrown,
  );
  expect(isDataError(error)).toBe(true);
  expect((await client.query('SELECT 1 FROM copied')).rows).toEqual([]);
});
