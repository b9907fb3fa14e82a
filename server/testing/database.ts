import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { createDb, type Db } from '../db/client.ts';

/** A database of this test file's own, cloned from the migrated template. Call at the top level of the file. */
export function testDatabase(): { db: () => Db; url: () => string } {
  const name = `test_${randomBytes(8).toString('hex')}`;
  let db: Db | undefined;
  const urlOf = (database: string) => {
    const url = new URL(inject('postgresUrl'));
    url.pathname = `/${database}`;
    return url.toString();
  };
  beforeAll(async () => {
    await administer(urlOf('postgres'), `CREATE DATABASE ${name} TEMPLATE template_flotilla`);
    db = createDb(urlOf(name));
  });
  afterAll(async () => {
    await db?.$disconnect();
    await administer(urlOf('postgres'), `DROP DATABASE ${name} WITH (FORCE)`);
  });
  return {
    db: () => {
      if (!db) throw new Error('the database is there only inside tests');
      return db;
    },
    url: () => urlOf(name),
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
