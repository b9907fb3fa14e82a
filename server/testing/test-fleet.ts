import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Db } from '../db/client.ts';
import { foldAdded } from '../worker/fold.ts';
import { testClock } from './clock.ts';
import { testDatabase } from './database.ts';
import { type Ingest, ingestInto, removeArtifacts, type TestDeps, testDeps } from './fleet.ts';
import { createTestOrganization, type TestOrganization } from './organizations.ts';
import { type TestPki, testPki } from './pki.ts';

/** What tests of use cases on a fleet stand on. */
export type TestFleet = {
  readonly db: Db;
  readonly clock: ReturnType<typeof testClock>;
  readonly deps: TestDeps;
  readonly ours: TestOrganization;
  readonly ingest: Ingest;
  readonly pool: pg.Pool;
  readonly databaseUrl: string;
  /** Adds what ingest appended to the rollups and the hours, so many rows at a time. */
  readonly fold: (firstRows?: number) => Promise<unknown>;
};

type More = (fleet: TestFleet) => Promise<void>;

/**
 * An organization without devices, use cases, ingest and a clock that stands still, anew before each test, at `startAt` if it is given; `more` goes on from there. Call at
 * the top level of the file.
 */
export function testFleet(more?: More, startAt?: Date): TestFleet {
  return fleetFor({ before: beforeEach, after: afterEach }, more, startAt);
}

/** The same, once for all tests of a file, which only look at it or go on where the last one ended. */
export function fileFleet(more?: More, startAt?: Date): TestFleet {
  return fleetFor({ before: beforeAll, after: afterAll }, more, startAt);
}

type Hooks = { before: (act: () => Promise<void>) => void; after: (act: () => Promise<void>) => void };

function fleetFor({ before, after }: Hooks, more: More | undefined, startAt: Date | undefined): TestFleet {
  const database = testDatabase();
  const fleet = {
    fold: (firstRows?: number) =>
      foldAdded({
        pool: fleet.pool,
        mayGoOn: async () => true,
        stopping: new AbortController().signal,
        ...(firstRows && { firstRows }),
      }),
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
  afterAll(() => pki.remove());
  before(async () => {
    fleet.clock = testClock(startAt);
    fleet.deps = await testDeps(database.db(), pki.dir, fleet.clock.now);
    Object.assign(fleet, ingestInto(database.url(), fleet.clock.now));
    fleet.ours = await createTestOrganization(database.db());
    await more?.(fleet);
  });
  after(async () => {
    await fleet.pool.end();
    await removeArtifacts(fleet.deps);
  });
  return fleet;
}
