import { expect, it } from 'vitest';
import type { StoredRelease } from '../db/releases.ts';
import { advanceRollout } from '../services/rollouts/advance-rollout.ts';
import { controlRollout } from '../services/rollouts/control-rollout.ts';
import { CreateRollout, createRollout } from '../services/rollouts/create-rollout.ts';
import { PlanRollout } from '../services/rollouts/plan-rollout.ts';
import { demoRelease, onlineDevices, type TestDevice } from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { fileFleet, type TestFleet } from '../testing/test-fleet.ts';
import { rolloutDecisions } from './rollout-decisions.ts';
import { RolloutListInput, rolloutList, rolloutPage } from './rollout-pages.ts';
import { previewDevices, rolloutPreview } from './rollout-preview.ts';
import { WhyNotInput, whyNot } from './why-not.ts';

const START = new Date('2026-03-02T10:30:00Z');
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let theirs: TestOrganization;
let release: StoredRelease;
let devices: TestDevice[];
let careful: string;
let draft: string;

const waves = [
  { name: 'Canary', size: { count: 2 }, bake: { seconds: 600 }, errors: { maxPercent: 100 } },
  { name: 'All', size: { percent: 100 } },
];
const make = (name: string, start: boolean) =>
  createRollout(
    deps,
    ours.owner,
    CreateRollout.parse({ releaseId: release.id, name, start, plan: { waves, onErrors: 'pause' } }),
  ).then(({ id }) => id);

const fleet = fileFleet(async (made) => {
  ({ deps, ours } = made);
  theirs = await createTestOrganization(made.db);
  release = await demoRelease(deps, ours.owner, '1.0.0');
  devices = await onlineDevices(deps, ours.owner, made.ingest, 'abcde');
  await devices[4]?.says(false);
  careful = await make('Careful', true);
  while (await advanceRollout(deps, ours.organizationId, careful));
  const told = await made.db.deployment.findFirstOrThrow({
    where: { rolloutId: careful, state: 'notified' },
    orderBy: { device: { name: 'asc' } },
  });
  const device = devices.find(({ id }) => id === told.deviceId);
  const reason = { code: 'proof.accuracy', detail: '0.71, limit 0.90', retry: 'never' as const };
  await device?.reports('failed', { deployment: told.id, releaseId: release.id }, null, { reason });
  draft = await make('Later', false);
}, START);

const list = async (input: object, actor = ours.owner) =>
  (await rolloutList(deps, actor, RolloutListInput.parse(input))).items.map(({ name }) => name);
const why = (input: object) => whyNot(deps, ours.owner, WhyNotInput.parse({ id: careful, ...input }));

it('a list comes in both orders, by what is typed, and by trouble', async () => {
  expect(await list({})).toEqual(['Later', 'Careful']);
  expect(await list({ order: 'oldest' })).toEqual(['Careful', 'Later']);
  expect(await list({ order: 'oldest', cursor: careful })).toEqual(['Later']);
  expect(await list({ q: 'CARE' })).toEqual(['Careful']);
  expect(await list({ q: 'vibration' })).toEqual(['Later', 'Careful']);
  expect(await list({ q: '9.9.9' })).toEqual([]);
  expect(await list({ inTrouble: true })).toEqual(['Careful']);
  expect(await list({}, theirs.owner)).toEqual([]);
});

it('a pause by a person is no trouble, devices that failed are', async () => {
  await controlRollout(deps, ours.owner, { id: careful, control: 'pause' });
  expect(await list({ inTrouble: true })).toEqual(['Careful']);
  await fleet.db.deployment.updateMany({ where: { rolloutId: careful, state: 'rejected' }, data: { state: 'queued' } });
  expect(await list({ inTrouble: true })).toEqual([]);
  await fleet.db.deployment.updateMany({
    where: { rolloutId: careful, state: 'queued', notifiedAt: { not: null } },
    data: { state: 'rejected' },
  });
  await controlRollout(deps, ours.owner, { id: careful, control: 'resume' });
});

it('a page counts devices by where they stand, and draws each while they are few', async () => {
  const page = await rolloutPage(deps, ours.owner, { id: careful });
  expect(page.waves.map(({ states }) => states.reduce((sum, { devices: n }) => sum + n, 0))).toEqual([2, 3]);
  expect(page.waves[0]?.states).toEqual(
    expect.arrayContaining([
      { state: 'rejected', isReachable: true, devices: 1 },
      { state: 'notified', isReachable: true, devices: 1 },
    ]),
  );
  expect(page.waves.flatMap(({ cells }) => cells?.map(({ deviceName }) => deviceName) ?? []).sort()).toEqual([
    ...'abcde',
  ]);
  await expect(rolloutPage(deps, theirs.owner, { id: careful })).rejects.toMatchObject({ code: 'not_found' });
});

it('every device is listed, worst first, and filters leave what they say', async () => {
  const all = await why({});
  expect(all.items.map(({ part }) => part?.kind)).toEqual(['rejected', 'offline', 'queued', 'queued', 'queued']);
  expect(all.total).toBe(5);
  expect((await why({ kind: 'rejected' })).items).toMatchObject([{ evidence: { code: 'proof.accuracy' } }]);
  expect((await why({ wave: 1 })).total).toBe(3);
  expect((await why({ q: 'E' })).items.map(({ deviceName }) => deviceName)).toEqual(['e']);
  const first = await why({ limit: 2 });
  const second = await why({ limit: 10, after: first.nextAfter });
  expect([...first.items, ...second.items]).toEqual(all.items);
  const byCode = await why({ code: 'device.rejected' });
  expect([byCode.total, byCode.groups]).toEqual([1, all.groups]);
});

it('decisions come by page, each once, and none to strangers', async () => {
  const all = await rolloutDecisions(deps, ours.owner, { id: careful, limit: 100 });
  const first = await rolloutDecisions(deps, ours.owner, { id: careful, limit: 2 });
  const rest = await rolloutDecisions(deps, ours.owner, { id: careful, limit: 100, cursor: first.nextCursor ?? '' });
  expect([...first.items, ...rest.items]).toEqual(all.items);
  expect(all.nextCursor).toBeNull();
  expect((await rolloutDecisions(deps, theirs.owner, { id: careful, limit: 9 })).items).toEqual([]);
});

it('a preview counts what a plan would do, and lists a group by page', async () => {
  const input = PlanRollout.parse({ releaseId: release.id, plan: { waves } });
  const preview = await rolloutPreview(deps, ours.owner, input);
  expect(preview).toMatchObject({ moving: 5, selected: 5, blocked: [{ code: 'device.offline', devices: 1 }] });
  expect(preview.groups.map(({ key, count }) => [key, count])).toEqual([
    ['wave 0', 2],
    ['wave 1', 3],
  ]);
  expect(preview.overlaps.map(({ rolloutId }) => rolloutId).sort()).toEqual([careful, draft].sort());
  const page = await previewDevices(deps, ours.owner, { ...input, group: 'wave 1', cursor: 0, limit: 2 });
  const rest = await previewDevices(deps, ours.owner, { ...input, group: 'wave 1', cursor: page.next ?? 0, limit: 2 });
  expect([page.items.length, page.next, rest.items.length, rest.next]).toEqual([2, 2, 1, null]);
  await expect(rolloutPreview(deps, theirs.owner, input)).rejects.toMatchObject({ code: 'not_found' });
});
