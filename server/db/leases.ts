import type { Db } from './client.ts';
import { Prisma } from './generated/client.ts';

/** A duty that one worker at a time does; its holder has it until `lifeMs` from now by the database's clock. */
export type Lease = { name: string; holder: string; lifeMs: number };

/** The query that takes or renews a lease: one row when `holder` has it. */
export function leaseTaken({ name, holder, lifeMs }: Lease): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO lease AS l (name, holder, expires_at) VALUES (${name}, ${holder}, now() + ${lifeMs} * interval '1 millisecond')
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
    WHERE l.holder = excluded.holder OR l.expires_at < now() RETURNING 1`;
}

/** Takes or renews a lease; true when `holder` has it. */
export async function takeLease(db: Db, name: string, holder: string, lifeMs: number): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>(leaseTaken({ name, holder, lifeMs }));
  return rows.length === 1;
}

/** Gives a lease back, so that another worker need not wait for it to run out. */
export async function dropLease(db: Db, name: string, holder: string): Promise<void> {
  await db.$executeRaw`DELETE FROM lease WHERE name = ${name} AND holder = ${holder}`;
}
