import { expect, it } from 'vitest';
import { AlertFleet, errorsAbove } from '../testing/alert-fleet.ts';
import { createTestOrganization } from '../testing/organizations.ts';
import { type TestFleet, testFleet } from '../testing/test-fleet.ts';
import { alertEvidence } from './alert-evidence.ts';
import { alertList } from './alerts.ts';

let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let fleet: AlertFleet;
const stand = testFleet(async (made) => {
  ({ clock, deps, ours } = made);
  fleet = await AlertFleet.start(deps, ours.owner, made.ingest, 'ab');
});

const evidenceOfTheAlert = async () => {
  const [alert, ...others] = (await alertList(deps, ours.owner, {})).items;
  expect(others).toEqual([]);
  return { alertId: alert?.id ?? '', evidence: await alertEvidence(deps, ours.owner, { alertId: alert?.id ?? '' }) };
};
const valuesOf = (series: { points: { value: number | null }[] } | undefined) =>
  series?.points.map(({ value }) => value) ?? [];

it('of a full disk is its share of each member over time, as the device says how large it is', async () => {
  await stand.db.device.updateMany({
    where: { organizationId: ours.organizationId, name: 'a' },
    data: { facts: { diskBytes: 100e9 } },
  });
  await fleet.rule({ condition: { kind: 'metric', metric: 'disk_free_share', op: 'below', limit: 0.1 } });
  await fleet.measures({ diskFreeBytes: 40e9, agoMs: 1_200_000 });
  await fleet.measures({ diskFreeBytes: 9e9 });
  await fleet.looks();
  const { evidence } = await evidenceOfTheAlert();
  expect(evidence).toMatchObject({ title: 'Disk free', series: [{ name: 'a' }] });
  expect(evidence?.series).toHaveLength(1);
  expect(valuesOf(evidence?.series[0])).toEqual([0.4, 0.09]);
});

it('of a device that fell silent is when it was heard: then, and not since', async () => {
  await fleet.rule({ condition: { kind: 'offline', afterS: 600 } });
  await fleet.measures({ agoMs: 15_000 }, fleet.devices.slice(0, 1));
  clock.forwardMs(700_000);
  await fleet.devices[1]?.says(true, 2);
  await fleet.looks();
  const { evidence } = await evidenceOfTheAlert();
  const [heard = [], ...others] = (evidence?.series ?? []).map(valuesOf);
  expect(others).toEqual([]);
  expect(heard.filter((share) => share !== 0)).toHaveLength(1);
  expect(heard.slice(-10)).toEqual(new Array(10).fill(0));
});

it('of what rollups keep is not here, and nobody else sees ours', async () => {
  await fleet.rule({ condition: errorsAbove() });
  await fleet.measures({ errors: 100 });
  await fleet.looks();
  const { alertId, evidence } = await evidenceOfTheAlert();
  expect(evidence).toBeNull();
  const theirs = await createTestOrganization(stand.db);
  await expect(alertEvidence(deps, theirs.owner, { alertId })).rejects.toMatchObject({ code: 'not_found' });
});

it('is found by when it fired, as charts ask for it', async () => {
  await fleet.rule({ condition: errorsAbove() });
  await fleet.measures({ errors: 100 });
  await fleet.looks();
  const firedAt = clock.now().getTime();
  const found = async (from: number, to: number) =>
    (await alertList(deps, ours.owner, { firedFrom: new Date(firedAt + from), firedTo: new Date(firedAt + to) })).items
      .length;
  expect(await Promise.all([found(-1_000, 1_000), found(0, 1), found(-1_000, 0), found(1, 1_000)])).toEqual([
    1, 1, 0, 0,
  ]);
});
