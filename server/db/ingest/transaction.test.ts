import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { testDatabase } from '../../testing/database.ts';
import { type CopyColumn, copyRows } from './copy.ts';
import { BY_INDEX, ingestPool, inTransaction, isDataError } from './transaction.ts';

const database = testDatabase();
let pool: pg.Pool;
beforeAll(async () => {
  pool = ingestPool(database.url(), 1);
  await pool.query('CREATE TABLE kept (name TEXT NOT NULL, n INT)');
});
beforeEach(() => pool.query('TRUNCATE kept'));
afterEach(() => vi.useRealTimers());
afterAll(() => pool.end());

type Row = { name: string; n?: number };
const columns: CopyColumn<Row>[] = [
  { name: 'name', type: 'text', of: ({ name }) => name },
  { name: 'n', type: 'int4', of: ({ n }) => n },
];
const kept = async () => (await pool.query<Row>('SELECT name FROM kept')).rows.map(({ name }) => name);

it('keeps what is sent in one go, in its order', async () => {
  await inTransaction(pool, (client) =>
    Promise.all([
      copyRows(client, 'kept', columns, [{ name: 'a' }, { name: 'b' }]),
      client.query(`UPDATE kept SET name = name || '!'`),
      copyRows(client, 'kept', columns, [{ name: 'c' }]),
    ]),
  );
  expect(await kept()).toEqual(['a!', 'b!', 'c']);
});

it.each<[string, Row, string]>([
  ['in PostgreSQL', { name: 'nul\0' }, '22021'],
  ['before it is sent', { name: 'large', n: 2 ** 31 }, '22003'],
])('keeps nothing of it when a part fails %s, and says why that failed', async (_, wrong, code) => {
  const error = await inTransaction(pool, (client) =>
    Promise.all([
      copyRows(client, 'kept', columns, [{ name: 'before' }]),
      copyRows(client, 'kept', columns, [{ name: 'beside' }, wrong]),
      copyRows(client, 'kept', columns, [{ name: 'behind' }]),
      client.query(`INSERT INTO kept VALUES ('behind too')`),
    ]),
  ).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect(isDataError(error)).toBe(true);
  expect(await kept()).toEqual([]);
});

it('has its setting for as long as it lasts', async () => {
  const settingOf = async (client: pg.Pool | pg.PoolClient) =>
    (await client.query<{ enable_seqscan: string }>('SHOW enable_seqscan')).rows;
  expect(await inTransaction(pool, settingOf, BY_INDEX)).toEqual([{ enable_seqscan: 'off' }]);
  expect(await settingOf(pool)).toEqual([{ enable_seqscan: 'on' }]);
});

it('keeps its connection for whoever comes an hour later', async () => {
  const backend = async () => (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const before = await backend();
  vi.advanceTimersByTime(3_600_000);
  vi.useRealTimers();
  expect(await backend()).toEqual(before);
});
