import { expect, it } from 'vitest';
import { type AlertStand, eachWithAlertFleet, errorsAbove } from '../testing/alert-fleet.ts';
import { testDatabase } from '../testing/database.ts';
import { createTestOrganization } from '../testing/organizations.ts';
import { alertEvidence } from './alert-evidence.ts';
import { alertList } from './alerts.ts';

const database = testDatabase();
let clock: AlertStand['clock'];
let deps: AlertStand['deps'];
let ours: AlertStand['ours'];
let fleet: AlertStand['fleet'];
eachWithAlertFleet(database, 'ab', (stand) => {
  ({ clock, deps, ours, fleet } = stand);
});

const evidenceOfTheAlert = async () => {
  const [alert, ...others] = (await alertList(deps, ours.owner, {})).items;
  expect(others).toEqual([]);
  return { alertId: alert?.id ?? '', evidence: await alertEvidence(deps, ours.owner, { alertId: alert?.id ?? '' }) };
};
const valuesOf = (series: { points: { value: number | null }[] } | undefined) =>
  series?.points.map(({ value }) => value) ?? [];

it('of a full disk is its share of each member over time, as the device says how large it is', async () => {
  await database.db().device.updateMany({
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
  const theirs = await createTestOrganization(database.db());
  await expect(alertEvidence(deps, theirs.owner, { alertId })).rejects.toMatchObject({ code: 'not_found' });
});
