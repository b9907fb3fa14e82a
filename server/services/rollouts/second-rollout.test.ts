import { describe, expect, it } from 'vitest';
import { loadRolloutView } from '../../db/rollout-view.ts';
import { findRollout } from '../../db/rollouts.ts';
import { forTenant } from '../../db/scope.ts';
import { judgeGates } from '../../domain/rollout/gates/bake-verdict.ts';
import { demoRelease, onlineDevices, type TestDevice } from '../../testing/fleet.ts';
import { testFleet } from '../../testing/test-fleet.ts';
import { advanceRollout } from './advance-rollout.ts';
import { CreateRollout, createRollout } from './create-rollout.ts';
import { PlanRollout, planWithOutlook } from './plan-rollout.ts';

const fleet = testFleet();
const gates = [{ metric: 'latency_p95', compare: 'vs_previous', limit: 1.2 }];
const bake = { seconds: 600, gates };
const planOf = (first: number) => ({
  waves: [
    { name: 'First', size: { count: first }, bake },
    { name: 'All', size: { percent: 100 }, bake },
  ],
});

/** So many windows of 15 s up to now, with the p95 in ms. */
async function measured({ id }: TestDevice, releaseId: string, windows: number, p95 = 10): Promise<void> {
  await fleet.pool.query(
    `INSERT INTO telemetry_window (organization_id, device_id, start_at, duration_ms, slot, release_id, boot, seq, position, received_at,
       inferences, errors, latency_run, latency_p95)
     SELECT $1, $2, $3::timestamptz - w * interval '15 seconds', 15000, 'default', $4, $2, 100 - w, 0, $3, 100, 0, '', $6 * (1 + 0.01 * (w % 3))
     FROM generate_series(1, $5) w`,
    [fleet.ours.organizationId, id, fleet.clock.now(), releaseId, windows, p95],
  );
}

/** Four devices that serve a release with so many windows behind them, and the next release. */
async function served(windows: number) {
  const [old, next] = [
    await demoRelease(fleet.deps, fleet.ours.owner, '1.0.0'),
    await demoRelease(fleet.deps, fleet.ours.owner, '2.0.0'),
  ];
  const devices = await onlineDevices(fleet.deps, fleet.ours.owner, fleet.ingest, 'abcd');
  for (const device of devices) {
    await device.reports('active', null, old.id);
    if (windows > 0) await measured(device, old.id, windows);
  }
  return { old, next, devices };
}

const outlook = async (releaseId: string, first = 1) =>
  (await planWithOutlook(fleet.deps, fleet.ours.owner, PlanRollout.parse({ releaseId, plan: planOf(first) }))).outlook;

async function advance(id: string): Promise<void> {
  for (let look = 0; look < 20; look += 1)
    if (!(await advanceRollout(fleet.deps, fleet.ours.organizationId, id))) return;
}

async function viewOf(id: string) {
  const scope = forTenant(fleet.db, fleet.ours.organizationId);
  const rollout = await findRollout(scope, id);
  if (!rollout) throw new Error('no rollout');
  return { rollout, view: await loadRolloutView(scope, rollout, fleet.clock.now()) };
}

/** The next release right after the first: its first wave has moved, and three minutes later all have been measured. */
async function bakes(first: number, factor = 1) {
  const { old, next, devices } = await served(0);
  const input = CreateRollout.parse({ releaseId: next.id, plan: planOf(first), start: true });
  const { id } = await createRollout(fleet.deps, fleet.ours.owner, input);
  await advance(id);
  const told = await fleet.db.deployment.findMany({ where: { rolloutId: id, state: 'notified' } });
  const moved = new Set(told.map(({ deviceId }) => deviceId));
  for (const device of devices) {
    const deployment = told.find(({ deviceId }) => deviceId === device.id)?.id;
    if (deployment) await device.reports('active', { deployment, releaseId: next.id }, next.id);
  }
  await advance(id);
  fleet.clock.forwardMs(180_000);
  for (const device of devices) {
    await device.says(true);
    await measured(device, moved.has(device.id) ? next.id : old.id, 10, moved.has(device.id) ? 10 * factor : 10);
  }
  return id;
}

describe('a release right after another', () => {
  it('is said to have nothing of its own to compare with, before the start', async () => {
    const { old, next, devices } = await served(0);
    expect(await outlook(next.id)).toMatchObject([{ metric: 'latency_p95', basis: 'others', have: 0, enough: 5 }]);
    expect(await outlook(next.id, 4)).toMatchObject([{ basis: 'nothing', devices: 4, ready: 0 }]);
    for (const device of devices) await measured(device, old.id, 2);
    const enoughAt = new Date(fleet.clock.now().getTime() + 45_000);
    expect(await outlook(next.id, 4)).toMatchObject([{ basis: 'few', have: 2, enoughAt }]);
    fleet.clock.forwardMs(60_000);
    for (const device of devices) await measured(device, old.id, 3);
    expect(await outlook(next.id, 4)).toMatchObject([{ basis: 'before', have: 5, ready: 4, enoughAt: null }]);
  });

  it('is none on devices that serve nothing, and none of another organization’s telemetry', async () => {
    const next = await demoRelease(fleet.deps, fleet.ours.owner, '1.0.0');
    await onlineDevices(fleet.deps, fleet.ours.owner, fleet.ingest, 'ab');
    expect(await outlook(next.id)).toEqual([]);
  });

  it('is held against devices that have not moved: it goes on when it is alike, and is taken back when it is far worse', async () => {
    const alike = await bakes(1);
    const { view } = await viewOf(alike);
    expect(
      judgeGates(view.waves[0] ? planGates() : [], view.waves[0]?.samples ?? { devices: [], control: [] }),
    ).toMatchObject([{ verdict: 'pass', instead: 'others', devices: 1, controlDevices: 3 }]);
    fleet.clock.forwardMs(600_000);
    await advance(alike);
    expect((await viewOf(alike)).view.waves[0]?.state).toBe('passed');
  });

  it('is taken back when it is far worse than those', async () => {
    const worse = await bakes(1, 40);
    await advance(worse);
    expect((await viewOf(worse)).rollout.state).toBe('rolling-back');
  });

  it('asks a person at the end of the bake where no device stays, and says why', async () => {
    const id = await bakes(4);
    await advance(id);
    expect((await viewOf(id)).rollout.state).toBe('running');
    fleet.clock.forwardMs(420_000);
    await advance(id);
    const { rollout } = await viewOf(id);
    expect(rollout).toMatchObject({ state: 'paused', stateReason: { code: 'no-data' } });
    expect(rollout.stateReason?.detail).toMatch(
      /^Paused at First: latency p95 has nothing to compare with: its devices were not measured/,
    );
  });
});

function planGates() {
  return CreateRollout.parse({ releaseId: crypto.randomUUID(), plan: planOf(1) }).plan.waves[0]?.bake.gates ?? [];
}
