import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testClock } from '../testing/clock.ts';
import { testDatabase } from '../testing/database.ts';
import { type Ingest, ingestInto, onlineDevices, removeArtifacts, type TestDeps, testDeps } from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { DeviceTableInput, deviceTable } from './device-table.ts';

const database = testDatabase();
const clock = testClock();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let ingest: Ingest;
let pool: pg.Pool;
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, clock.now);
  ({ ingest, pool } = ingestInto(database.url(), clock.now));
  ours = await createTestOrganization(database.db());
  await onlineDevices(deps, ours.owner, ingest, 'abcde');
});
afterAll(async () => {
  await pool.end();
  await removeArtifacts(deps);
  await pki.remove();
});

test('pages follow each other by name, and each says how many devices there are on all of them', async () => {
  const seen: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await deviceTable(deps, ours.owner, DeviceTableInput.parse({ limit: 2, cursor }));
    expect(page.total).toBe(5);
    expect(page.counts.connectivity).toEqual({ online: 5 });
    seen.push(page.rows.map(({ name }) => name));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});
