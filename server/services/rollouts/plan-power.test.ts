import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { demoRelease, type Ingest, onlineDevices, type TestDeps, type TestDevice } from '../../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestFleet, testFleet } from '../../testing/test-fleet.ts';
import { PowerInput, planCanaries } from './plan-power.ts';

let clock: TestFleet['clock'];
let deps: TestDeps;
let ours: TestOrganization;
let ingest: Ingest;
let pool: pg.Pool;
const fleet = testFleet(async (made) => {
  ({ clock, deps, ours, ingest, pool } = made);
});

const ask = (more: object = {}, actor = ours.owner) => planCanaries(deps, actor, PowerInput.parse(more));

/** A device has served a release for a day, with a window a minute; its p95 has grown by a factor since yesterday. */
async function served(device: TestDevice, releaseId: string, factor: number): Promise<void> {
  await device.reports('active', null, releaseId);
  await pool.query(
    `INSERT INTO telemetry_window (organization_id, device_id, start_at, duration_ms, slot, release_id, boot, seq, position, received_at,
       inferences, errors, latency_run, latency_p95)
     SELECT $1, $2, $3::timestamptz - m * interval '1 minute', 60000, 'default', $4, $2, 10000 - m, 0, $3, 60, 0, '',
       10 * CASE WHEN m > 1000 THEN 1 ELSE $5::float8 END * (1 + 0.01 * (m % 3)) FROM generate_series(1, 1500) m`,
    [ours.organizationId, device.id, clock.now(), releaseId, factor],
  );
}

describe('planning canaries', () => {
  it('assumes what is usual while a fleet has shown nothing, and says so', async () => {
    await onlineDevices(deps, ours.owner, ingest, 'abc');
    const { measured, targets } = await ask();
    expect({ measured, targets }).toMatchObject({ targets: 3, measured: { devices: 0, usualChangePercent: 8.3 } });
  });

  it('takes the variance of the fleet’s own devices', async () => {
    const release = await demoRelease(deps, ours.owner, '1.0.0');
    const devices = await onlineDevices(deps, ours.owner, ingest, 'abcdef');
    for (const device of devices) await served(device, release.id, 1);
    const calm = await ask({ regressionPercent: 30 });
    expect(calm.measured.devices).toBe(6);
    expect(calm.measured.usualChangePercent).toBeLessThan(8.3);
    expect(calm.plans[0]?.devices).toBeLessThanOrEqual(6);
    await pool.query('DELETE FROM telemetry_window');
    for (const [at, device] of devices.entries()) await served(device, release.id, at % 2 === 0 ? 1.5 : 0.7);
    const wild = await ask({ regressionPercent: 30 });
    expect(wild.measured.usualChangePercent).toBeGreaterThan(20);
    expect(wild.plans).toEqual([]);
  });

  it('knows the devices of its organization only', async () => {
    await onlineDevices(deps, ours.owner, ingest, 'ab');
    const theirs = await createTestOrganization(fleet.db);
    expect(await ask({}, theirs.owner)).toMatchObject({ targets: 0, plans: [] });
  });
});
