import type { Db } from './client.ts';

/** Takes or renews a lease; true when `holder` has it until `lifeMs` from now by the database's clock. */
export async function takeLease(db: Db, name: string, holder: string, lifeMs: number): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    INSERT INTO lease AS l (name, holder, expires_at) VALUES (${name}, ${holder}, now() + ${lifeMs} * interval '1 millisecond')
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE l.holder = excluded.holder OR l.expires_at < now() RETURNING 1`;
  return rows.length === 1;
}

/** Gives a lease back, so that another worker need not wait for it to run out. */
export async function dropLease(db: Db, name: string, holder: string): Promise<void> {
  await db.$executeRaw`DELETE FROM lease WHERE name = ${name} AND holder = ${holder}`;
}
