import { expect, test } from 'vitest';
import { noteListening } from '../db/listening.ts';
import { onlineDevices, type TestDevice } from '../testing/fleet.ts';
import { fileFleet, type TestFleet } from '../testing/test-fleet.ts';
import { devicePage } from './device-page.ts';
import { DeviceTableInput, deviceTable } from './device-table.ts';
import { fleetMetrics } from './fleet-metrics.ts';
import { overview } from './overview.ts';

let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let devices: TestDevice[];
const fleet = fileFleet(async (made) => {
  ({ clock, deps, ours } = made);
  devices = await onlineDevices(deps, ours.owner, made.ingest, 'abcde');
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
  await noteListening(fleet.db, clock.now());
  expect(await connectivity()).toEqual(all('online'));
  for (let noted = 0; noted < 7; noted += 1) {
    clock.forwardMs(10_000);
    await noteListening(fleet.db, clock.now());
  }
  expect(await connectivity()).toEqual(all('stale'));
});
