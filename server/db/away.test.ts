import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import { isDatabaseAway } from './away.ts';
import { createDb, type Db } from './client.ts';
import { inTenant } from './scope.ts';

const database = testDatabase();
const ORGANIZATION = '00000000-0000-7000-8000-000000000000';
const SLEEPERS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()`;

const opened: Db[] = [];
const open = (url: string) => {
  const db = createDb(url, 1);
  opened.push(db);
  return db;
};
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.$disconnect()));
});

describe('the database is away', () => {
  const nowhere = 'postgres://127.0.0.1:1/none';

  it.each<[string, (db: Db) => Promise<unknown>]>([
    ['a query', (db) => db.device.count()],
    ['a raw query', (db) => db.$queryRaw`SELECT 1`],
    ['a transaction', (db) => inTenant(db, ORGANIZATION, ({ tx }) => tx.device.count())],
  ])('when %s does not reach it', async (_, ask) => {
    expect(isDatabaseAway(await failureOf(ask(open(nowhere))))).toBe(true);
  });

  it.each<[string, (db: Db) => Promise<unknown>]>([
    ['a query', (db) => db.$queryRaw`SELECT pg_sleep(20)::text`],
    ['a transaction', (db) => inTenant(db, ORGANIZATION, ({ tx }) => tx.$queryRaw`SELECT pg_sleep(20)::text`)],
  ])('when it goes under %s', async (_, ask) => {
    const killer = new pg.Client({ connectionString: database.url() });
    await killer.connect();
    const failure = failureOf(ask(open(database.url())));
    let killed: number | null = 0;
    while (!killed) ({ rowCount: killed } = await killer.query(SLEEPERS));
    expect(isDatabaseAway(await failure)).toBe(true);
    await killer.end();
  });

  it('when no connection is free in time', async () => {
    const db = open(database.url());
    const long = inTenant(db, ORGANIZATION, ({ tx }) => tx.$queryRaw`SELECT pg_sleep(6)::text`);
    expect(isDatabaseAway(await failureOf(inTenant(db, ORGANIZATION, ({ tx }) => tx.device.count())))).toBe(true);
    await long;
  });

  it('when a connection breaks without a word', () => {
    expect(isDatabaseAway(new Error('Connection terminated unexpectedly'))).toBe(true);
  });
});

describe('the database is there', () => {
  it.each<[string, (db: Db) => Promise<unknown>]>([
    ['refuses what a constraint forbids', (db) => db.$executeRaw`INSERT INTO lease (name) VALUES ('x')`],
    ['does not know a table', (db) => db.$queryRaw`SELECT * FROM nothing`],
    ['finds no row', (db) => db.device.findUniqueOrThrow({ where: { id: ORGANIZATION } })],
  ])('when it %s', async (_, ask) => {
    const failure = await failureOf(ask(open(database.url())));
    expect(failure).toBeInstanceOf(Error);
    expect(isDatabaseAway(failure)).toBe(false);
  });

  it('when a program fails by itself', () => {
    expect(isDatabaseAway(new TypeError('nothing is not a function'))).toBe(false);
  });
});
