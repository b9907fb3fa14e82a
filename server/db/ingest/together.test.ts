import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '../../testing/database.ts';
import { type Write, writeTogether } from './together.ts';

const database = testDatabase();
let pool: pg.Pool;
let client: pg.PoolClient;
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: database.url(), max: 1 });
  client = await pool.connect();
  await client.query(
    'CREATE TABLE one (n INT, word TEXT); CREATE TABLE two (n INT, word TEXT); CREATE TABLE three (n INT)',
  );
});
afterAll(async () => {
  client.release();
  await pool.end();
});
beforeEach(() => client.query('TRUNCATE one, two, three'));

const into = (table: string, n: number, word: string): Write => ({
  text: `INSERT INTO ${table} SELECT n, $2 FROM generate_series(1, $1::int) AS n`,
  values: [n, word],
});
const last: Write = { text: 'INSERT INTO three SELECT unnest($1::int[])', values: [[7, 8]] };
async function stored(): Promise<unknown[]> {
  const { rows } = await client.query(
    'SELECT n, word FROM one UNION ALL SELECT n, word FROM two UNION ALL SELECT n, NULL FROM three ORDER BY 2, 1',
  );
  return rows.map(({ n, word }) => [n, word]);
}

it('carries out every write with its own values, and the last one', async () => {
  await writeTogether(client, [into('one', 2, 'a'), into('two', 1, 'b')], last);
  expect(await stored()).toEqual([
    [1, 'a'],
    [2, 'a'],
    [1, 'b'],
    [7, null],
    [8, null],
  ]);
});

it('takes a write more than ten values behind another, one alone, and a last one alone', async () => {
  const wide = Array.from({ length: 12 }, (_, at) => at);
  const sum = wide.map((at) => `$${at + 1}::int`).join(' + ');
  await writeTogether(
    client,
    [into('one', 1, 'a'), { text: `INSERT INTO two SELECT ${sum}, 'w'`, values: wide }],
    null,
  );
  expect(await stored()).toEqual([
    [1, 'a'],
    [66, 'w'],
  ]);
  await writeTogether(client, [], last);
  expect(await stored()).toHaveLength(4);
});

it('does nothing with nothing, and all or nothing of what fails', async () => {
  await writeTogether(client, [], null);
  await expect(writeTogether(client, [into('one', 1, 'a'), into('nowhere', 1, 'b')], last)).rejects.toThrow('nowhere');
  expect(await stored()).toEqual([]);
});
