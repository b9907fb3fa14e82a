import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noteListening } from '../db/listening.ts';
import { testClock } from '../testing/clock.ts';
import { testDatabase } from '../testing/database.ts';
import {
  type Ingest,
  ingestInto,
  onlineDevices,
  removeArtifacts,
  type TestDeps,
  type TestDevice,
  testDeps,
} from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { devicePage } from './device-page.ts';
import { DeviceTableInput, deviceTable } from './device-table.ts';
import { fleetMetrics } from './fleet-metrics.ts';
import { overview } from './overview.ts';

const database = testDatabase();
const clock = testClock();
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let ingest: Ingest;
let pool: pg.Pool;
let devices: TestDevice[];
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, clock.now);
  ({ ingest, pool } = ingestInto(database.url(), clock.now));
  ours = await createTestOrganization(database.db());
  devices = await onlineDevices(deps, ours.owner, ingest, 'abcde');
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

test('silence counts only while somebody listened, on every page that says how devices are', async () => {
  const connectivity = async () => ({
    table: (await deviceTable(deps, ours.owner, DeviceTableInput.parse({}))).counts.connectivity,
    overview: (await overview(deps, ours.owner)).counts.connectivity,
    metrics: (await fleetMetrics(deps, ours.owner)).devices.connectivity,
    page: (await devicePage(deps, ours.owner, { deviceId: devices[0]?.id ?? '' })).status.connectivity.value,
  });
  const all = (value: string) => ({
    table: { [value]: 5 },
    overview: { [value]: 5 },
    metrics: { [value]: 5 },
    page: value,
  });
  clock.forwardMs(600_000);
  await noteListening(database.db(), clock.now());
  expect(await connectivity()).toEqual(all('online'));
  for (let noted = 0; noted < 7; noted += 1) {
    clock.forwardMs(10_000);
    await noteListening(database.db(), clock.now());
  }
  expect(await connectivity()).toEqual(all('stale'));
});
