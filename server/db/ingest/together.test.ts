import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '../../testing/database.ts';
import { type Read, readTogether, type Write, writeTogether } from './together.ts';
import { ingestPool } from './transaction.ts';

const database = testDatabase();
let pool: pg.Pool;
let client: pg.PoolClient;
beforeAll(async () => {
  pool = ingestPool(database.url(), 1);
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

it('answers every query with its own values and by its own name, one without rows with none', async () => {
  await writeTogether(client, [into('one', 3, 'a'), into('two', 12, 'b')], null);
  const from = (table: string, values: readonly number[]): Read<{ n: number }> => ({
    columns: { n: 'n' },
    from: `FROM ${table} WHERE n IN (${values.map((_, at) => `$${at + 1}`).join(', ')}) ORDER BY n DESC FOR UPDATE`,
    values,
  });
  const wide = Array.from({ length: 11 }, (_, at) => at + 2);
  expect(
    await readTogether(client, { few: from('one', [1, 3]), many: from('two', wide), none: from('three', [7]) }),
  ).toEqual({
    few: [{ n: 3 }, { n: 1 }],
    many: wide.toReversed().map((n) => ({ n })),
    none: [],
  });
});

it('is planned once by a connection where that is asked for, with however many values it comes', async () => {
  const count = async () => {
    const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM pg_prepared_statements');
    return rows[0]?.n ?? 0;
  };
  const before = await count();
  for (const list of ['{1}', '{1,2}', '{1,2,3}']) {
    const read: Read<{ n: number }> = {
      columns: { n: 'n' },
      from: 'FROM one WHERE n = ANY($1::int[])',
      values: [list],
    };
    await readTogether(client, { read });
    await readTogether(client, { read }, 'once');
    await writeTogether(client, [], { text: 'INSERT INTO two SELECT unnest($1::int[])', values: [list] }, 'once');
  }
  expect(await count()).toBe(before + 2);
});

it('locks what it reads, and reads what another transaction has written meanwhile', async () => {
  await client.query("INSERT INTO one VALUES (1, 'before')");
  const other = new pg.Client({ connectionString: database.url() });
  await other.connect();
  await other.query('BEGIN');
  await other.query("UPDATE one SET word = 'after'");
  await client.query('BEGIN');
  const read: Read<{ word: string }> = {
    columns: { word: 'word' },
    from: 'FROM one WHERE n = $1 FOR NO KEY UPDATE',
    values: [1],
  };
  const waiting = readTogether(client, { read });
  await other.query('COMMIT');
  expect(await waiting).toEqual({ read: [{ word: 'after' }] });
  await other.query("SET lock_timeout = '100ms'");
  await expect(other.query("UPDATE one SET word = 'late'")).rejects.toThrow('lock timeout');
  await client.query('COMMIT');
  await other.end();
});
