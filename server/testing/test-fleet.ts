import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Db } from '../db/client.ts';
import { testClock } from './clock.ts';
import { testDatabase } from './database.ts';
import { type Ingest, ingestInto, removeArtifacts, type TestDeps, testDeps } from './fleet.ts';
import { createTestOrganization, type TestOrganization } from './organizations.ts';
import { type TestPki, testPki } from './pki.ts';

/** What a test of use cases on a fleet stands on; each test has its own but for the database and the keys. */
export type TestFleet = {
  readonly db: Db;
  readonly clock: ReturnType<typeof testClock>;
  readonly deps: TestDeps;
  readonly ours: TestOrganization;
  readonly ingest: Ingest;
  readonly pool: pg.Pool;
  readonly databaseUrl: string;
};

/**
 * An organization without devices, use cases, ingest and a clock that stands still, anew before each test, at `startAt` if it is given; `more` goes on from there. Call at
 * the top level of the file.
 */
export function testFleet(
  more: (fleet: TestFleet) => Promise<void> = async () => undefined,
  startAt?: Date,
): TestFleet {
  const database = testDatabase();
  const fleet = {
    get db() {
      return database.db();
    },
    get databaseUrl() {
      return database.url();
    },
  } as { -readonly [Name in keyof TestFleet]: TestFleet[Name] };
  let pki: TestPki;
  beforeAll(async () => {
    pki = await testPki();
  });
  beforeEach(async () => {
    fleet.clock = testClock(startAt);
    fleet.deps = await testDeps(database.db(), pki.dir, fleet.clock.now);
    Object.assign(fleet, ingestInto(database.url(), fleet.clock.now));
    fleet.ours = await createTestOrganization(database.db());
    await more(fleet);
  });
  afterEach(async () => {
    await fleet.pool.end();
    await removeArtifacts(fleet.deps);
  });
  afterAll(() => pki.remove());
  return fleet;
}
