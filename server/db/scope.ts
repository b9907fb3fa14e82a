import type { Db, Tx } from './client.ts';

/** What every query needs: a connection, and the one organization it may see. */
export type Scope = { readonly tx: Tx; readonly organizationId: string };

/** How long a transaction may wait for a connection, and run, before it is rolled back. */
const TRANSACTION = { maxWait: 5_000, timeout: 20_000 };

/** Runs `work` in one transaction inside one organization. */
export function inTenant<T>(db: Db, organizationId: string, work: (scope: Scope) => Promise<T>): Promise<T> {
  return db.$transaction((tx) => work({ tx, organizationId }), TRANSACTION);
}

/** Reads inside one organization, without a transaction. */
export function forTenant(db: Db, organizationId: string): Scope {
  return { tx: db, organizationId };
}
