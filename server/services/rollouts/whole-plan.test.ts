import { DesiredState } from '@flotilla/protocol';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import type { StoredRelease } from '../../db/releases.ts';
import { whyDevice, whyNot } from '../../queries/why-not.ts';
import { demoRelease, type Ingest, onlineDevices, type TestDeps, type TestDevice } from '../../testing/fleet.ts';
import { createTestMember, createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestFleet, testFleet } from '../../testing/test-fleet.ts';
import { advanceRollout } from './advance-rollout.ts';
import { controlRollout } from './control-rollout.ts';
import { CreateRollout, createRollout } from './create-rollout.ts';
import { deleteTemplate, listTemplates, SaveTemplate, saveTemplate } from './plan-templates.ts';
import type { RolloutControl } from './rollout-controls.ts';
import { setRolloutPolicy } from './rollout-policy.ts';

let clock: TestFleet['clock'];
let deps: TestDeps;
let ours: TestOrganization;
let ingest: Ingest;
let release: StoredRelease;
const fleet = testFleet(async (made) => {
  ({ clock, deps, ours, ingest } = made);
  release = await demoRelease(deps, ours.owner, '1.0.0');
}, new Date('2026-03-02T10:30:00Z'));

const oneWave = [{ name: 'All', size: { percent: 100 }, bake: { seconds: 0 }, errors: { maxPercent: 100 } }];
const create = (plan: object = {}) =>
  createRollout(
    deps,
    ours.owner,
    CreateRollout.parse({ releaseId: release.id, start: true, plan: { waves: oneWave, ...plan } }),
  ).then(({ id }) => id);
const control = (id: string, what: RolloutControl, actor = ours.owner) =>
  controlRollout(deps, actor, { id, control: what });
const advance = async (id: string) => {
  for (let look = 0; look < 20; look += 1) if (!(await advanceRollout(deps, ours.organizationId, id))) return;
  throw new Error('the engine does not come to rest');
};
const stateOf = async (id: string) => (await fleet.db.rollout.findUniqueOrThrow({ where: { id } })).state;
const deploymentsOf = (rolloutId: string) =>
  fleet.db.deployment.findMany({
    where: { rolloutId },
    include: { device: true },
    orderBy: { device: { name: 'asc' } },
  });
const statesOf = async (id: string) => (await deploymentsOf(id)).map(({ device, state }) => `${device.name} ${state}`);
const whyIn = async (id: string) => {
  const { items } = await whyNot(deps, ours.owner, { id, limit: 100 });
  return Object.fromEntries(items.map(({ deviceName, code }) => [deviceName, code]));
};
/** The device says that it is in a phase of what it was told last. */
const says = async (device: TestDevice, phase: 'active' | 'downloading' | 'failed') => {
  const { slots } = await fleet.db.desiredState.findUniqueOrThrow({ where: { deviceId: device.id } });
  const told = (slots as Record<string, { deployment: string; releaseId: string } | null>).default;
  if (!told) return device.reports('idle', null);
  const reason = { code: 'storage.io', detail: 'x', retry: 'later' as const };
  const given = { deployment: told.deployment, releaseId: told.releaseId };
  await device.reports(phase, given, phase === 'active' ? told.releaseId : null, phase === 'failed' ? { reason } : {});
};

describe('a plan', () => {
  it('starts at its time', async () => {
    await onlineDevices(deps, ours.owner, ingest, 'a');
    const id = await create({ startsAt: '2026-03-02T11:00:00Z' });
    await advance(id);
    expect([await stateOf(id), await whyIn(id)]).toEqual(['scheduled', { a: 'rollout.scheduled' }]);
    clock.forwardMs(1_800_000);
    await advance(id);
    expect(await stateOf(id)).toBe('running');
  });

  it('keeps to its download window, says when it opens, and signs both windows into what devices are told', async () => {
    const [device] = await onlineDevices(deps, ours.owner, ingest, 'a');
    const window = { cron: '0 12 * * *', timeZone: 'Europe/Oslo', minutes: 60 };
    const id = await create({ windows: { download: window, activate: window }, maxBytesPerS: 50_000 });
    await advance(id);
    const { items } = await whyNot(deps, ours.owner, { id, limit: 10 });
    expect(items).toMatchObject([{ code: 'window.download', nextTryAt: new Date('2026-03-02T11:00:00Z') }]);
    clock.forwardMs(1_800_000);
    await device?.says(true);
    await advance(id);
    expect(await statesOf(id)).toEqual(['a notified']);
    const { jws } = await fleet.db.desiredState.findUniqueOrThrow({ where: { deviceId: device?.id ?? '' } });
    expect(DesiredState.parse(decodeJwt(jws)).slots.default).toMatchObject({
      download: { window, maxBytesPerS: 50_000 },
      activate: { window },
    });
  });

  it('holds its rate, its concurrency and its budget, and says so of each device', async () => {
    await onlineDevices(deps, ours.owner, ingest, 'abc');
    expect(await whyAfterLook({ rate: { maxPerMinute: 1 } })).toEqual(['device.told', 'rate.limited', 'rate.limited']);
    expect(await whyAfterLook({ concurrency: 2 })).toEqual(['device.told', 'device.told', 'rate.concurrency']);
    expect(await whyAfterLook({ budget: { groupBy: ['site'], minAvailable: 99 } })).toEqual([
      'device.told',
      'budget.group',
      'budget.group',
    ]);
  });
  const whyAfterLook = async (plan: object) => {
    const id = await create(plan);
    await advance(id);
    return Object.values(await whyIn(id)).toSorted((a, b) => Number(b === 'device.told') - Number(a === 'device.told'));
  };

  it('waits for the approval of a wave, and skips one when a person says so', async () => {
    await onlineDevices(deps, ours.owner, ingest, 'ab');
    const waves = [{ name: 'One', size: { count: 1 }, approval: true }, ...oneWave];
    const [approved, skipped] = [await create({ waves }), await create({ waves })];
    await advance(approved);
    expect([await stateOf(approved), await whyIn(approved)]).toEqual([
      'paused',
      { a: 'wave.approval', b: 'wave.approval_before' },
    ]);
    await expect(control(approved, 'resume')).rejects.toMatchObject({ reason: 'rollout_state' });
    await control(approved, 'approve');
    await advance(approved);
    expect(await statesOf(approved)).toEqual(['a notified', 'b queued']);
    await advance(skipped);
    await control(skipped, 'skip-wave');
    await advance(skipped);
    expect(await statesOf(skipped)).toEqual(['a notified', 'b notified']);
  });

  it('for production needs a second person', async () => {
    const [device] = await onlineDevices(deps, ours.owner, ingest, 'a');
    const label = { organizationId: ours.organizationId, deviceId: device?.id ?? '', key: 'env', value: 'prod' };
    await fleet.db.deviceLabel.create({ data: label });
    await setRolloutPolicy(deps, ours.owner, { productionSelector: 'env=prod' });
    const id = await create();
    expect([await stateOf(id), await whyIn(id)]).toEqual(['pending-approval', { a: 'rollout.pending_approval' }]);
    await expect(control(id, 'approve')).rejects.toMatchObject({ code: 'forbidden', reason: 'four_eyes' });
    await control(id, 'approve', await createTestMember(fleet.db, ours.organizationId, 'operator'));
    expect(await stateOf(id)).toBe('running');
    const other = await create();
    await control(other, 'reject');
    expect([await stateOf(other), await statesOf(other)]).toEqual(['rejected', ['a cancelled']]);
  });

  it('takes in devices that match later, and ends when a person says so', async () => {
    const [first] = await onlineDevices(deps, ours.owner, ingest, 'a');
    const id = await create({ target: 'continuous' });
    await advance(id);
    if (first) await says(first, 'active');
    await advance(id);
    expect(await stateOf(id)).toBe('running');
    const [late] = await onlineDevices(deps, ours.owner, ingest, 'b');
    await advance(id);
    expect(await statesOf(id)).toEqual(['a succeeded', 'b notified']);
    if (late) await says(late, 'active');
    await advance(id);
    await control(id, 'finish');
    expect(await stateOf(id)).toBe('succeeded');
  });

  it('is kept under a name', async () => {
    const keep = (name: string, plan: object) => saveTemplate(deps, ours.owner, SaveTemplate.parse({ name, plan }));
    await keep('night', { waves: oneWave, concurrency: 1 });
    const { id } = await keep('night', { waves: oneWave, concurrency: 2 });
    expect(await listTemplates(deps, ours.owner)).toMatchObject([{ id, name: 'night', plan: { concurrency: 2 } }]);
    const theirs = await createTestOrganization(fleet.db);
    expect(await listTemplates(deps, theirs.owner)).toEqual([]);
    await expect(deleteTemplate(deps, theirs.owner, { id })).rejects.toMatchObject({ code: 'not_found' });
    await deleteTemplate(deps, ours.owner, { id });
    expect(await listTemplates(deps, ours.owner)).toEqual([]);
  });
});

describe('a device', () => {
  it('that timed out stays so when it reports late, and is told again when the plan says so', async () => {
    const [device] = await onlineDevices(deps, ours.owner, ingest, 'a');
    const id = await create({ timeoutS: 600, retries: { count: 1, backoffS: 60 } });
    await advance(id);
    clock.forwardMs(601_000);
    await device?.says(true);
    await advance(id);
    if (device) await says(device, 'downloading');
    expect([await statesOf(id), await whyIn(id)]).toEqual([['a timed-out'], { a: 'retry.waiting' }]);
    clock.forwardMs(80_000);
    await device?.says(true);
    await advance(id);
    expect(await statesOf(id)).toEqual(['a notified']);
    expect(await deploymentsOf(id)).toMatchObject([{ tries: 2, finishedAt: null }]);
    if (device) await says(device, 'active');
    await advance(id);
    expect(await stateOf(id)).toBe('succeeded');
  });

  it('that was moved and brought back weeks later is a success no more', async () => {
    const [device] = await onlineDevices(deps, ours.owner, ingest, 'a');
    const id = await create();
    await advance(id);
    if (device) await says(device, 'active');
    await advance(id);
    await control(id, 'roll-back');
    await advance(id);
    await device?.says(false);
    const back = await fleet.db.rollout.findFirstOrThrow({ where: { rollbackOfId: id } });
    await advance(back.id);
    clock.forwardMs(3_700_000);
    await advance(back.id);
    await advance(id);
    expect([await stateOf(id), await statesOf(id)]).toEqual(['rollback-incomplete', ['a succeeded']]);
    clock.forwardMs(21 * 86_400_000);
    if (device) await says(device, 'active');
    await advance(id);
    expect([await stateOf(id), await statesOf(id)]).toEqual(['rolled-back', ['a reverted']]);
  });

  it('is asked for its own reason, also when the release does not fit it, and by its own organization only', async () => {
    const [a, b] = await onlineDevices(deps, ours.owner, ingest, 'ab');
    const { facts } = await fleet.db.device.findUniqueOrThrow({ where: { id: b?.id ?? '' } });
    const small = { ...(facts as object), maxOpset: 1 };
    await fleet.db.device.update({ where: { id: b?.id ?? '' }, data: { facts: small } });
    const id = await create();
    await advance(id);
    expect(await whyIn(id)).toEqual({ a: 'device.told', b: 'device.incompatible' });
    expect(await whyDevice(deps, ours.owner, { deviceId: a?.id ?? '' })).toMatchObject([{ code: 'device.told' }]);
    const theirs = await createTestOrganization(fleet.db);
    await expect(whyDevice(deps, theirs.owner, { deviceId: a?.id ?? '' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(whyNot(deps, theirs.owner, { id, limit: 1 })).rejects.toMatchObject({ code: 'not_found' });
  });
});
