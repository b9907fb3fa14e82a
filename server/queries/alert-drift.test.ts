import type { ReferenceProfile } from '@flotilla/protocol';
import { beforeEach, expect, it } from 'vitest';
import { HOUR_MS } from '../domain/drift/watch.ts';
import { saveRule } from '../services/alerts/save-rule.ts';
import { lookAtAlerts } from '../testing/alert-fleet.ts';
import { monitoredFleet } from '../testing/monitored-fleet.ts';
import { createTestOrganization } from '../testing/organizations.ts';
import { alertDrift } from './alert-drift.ts';
import { alertList } from './alerts.ts';

const fleet = monitoredFleet();
const WELL = [75, 150, 75];
const OFF = [20, 100, 180];
const edges = [0, 1];
const feature = { input: 'signal', edges, counts: [2_500, 5_000, 2_500], missing: 0 };
const profile: ReferenceProfile = {
  v: 1,
  samples: 10_000,
  features: [
    { ...feature, name: 'load', of: { element: 0 } },
    { ...feature, name: 'speed', of: { element: 1 } },
  ],
};
let release: string;
beforeEach(async () => {
  release = await fleet.releaseWith(profile, '2.0.0');
});

/** An hour of 300 inferences on a device, which ends and is judged, and then the alerts are looked at. */
async function hour(at: number, load: number[], speed: number[]): Promise<void> {
  await fleet.send(at, { inferences: 300, inputs: { load: { counts: load }, speed: { counts: speed } } }, release);
  await fleet.hourEnds();
  await lookAtAlerts(fleet.deps, fleet.ours.organizationId);
}

async function theAlert(): Promise<string> {
  const [alert, ...others] = (await alertList(fleet.deps, fleet.ours.owner, {})).items.filter(
    ({ ruleName }) => ruleName === 'Inputs drift',
  );
  expect(others).toEqual([]);
  return alert?.id ?? '';
}

const rule = () =>
  saveRule(fleet.deps, fleet.ours.owner, { rule: { name: 'Inputs drift', condition: { kind: 'drift' } } });

it('of drift is how far each hour was from the reference, with the limit and the numbers it was judged by', async () => {
  await rule();
  for (const load of [WELL, OFF, OFF]) await hour(0, load, WELL);
  const drift = await alertDrift(fleet.deps, fleet.ours.owner, { alertId: await theAlert() });
  expect(drift).toMatchObject({ limit: 0.1, stepMs: HOUR_MS, members: 2, hidden: 0 });
  expect(drift?.lines).toMatchObject([
    {
      kind: 'input',
      feature: 'load',
      subject: 'a',
      version: 'vibration-fault 2.0.0',
      severity: 'strong',
      closedAt: null,
      numbers: { n: 300, m: 10_000, isOff: true },
    },
    { feature: 'load', subject: 'vibration-fault 2.0.0' },
  ]);
  const points = drift?.lines[0]?.points ?? [];
  expect(points.map(({ value, n }) => [(value ?? 0) >= 0.1, n])).toEqual([
    [false, 300],
    [true, 300],
    [true, 300],
  ]);
  expect(points.at(-1)?.value).toBeCloseTo(drift?.lines[0]?.numbers.effect ?? -1, 9);
  expect(points.every(({ t }) => t >= (drift?.from ?? Infinity) && t < (drift?.to ?? 0))).toBe(true);
});

it('of many members each has what drifts most on it before what drifts second on others', async () => {
  await rule();
  for (let n = 0; n < 2; n += 1) {
    await fleet.send(1, { inferences: 300, inputs: { load: { counts: WELL }, speed: { counts: OFF } } }, release);
    await hour(0, OFF, [40, 100, 160]);
  }
  const drift = await alertDrift(fleet.deps, fleet.ours.owner, { alertId: await theAlert() });
  const drawn = drift?.lines.map(({ subject, feature: name }) => `${subject}: ${name}`) ?? [];
  expect(drawn.slice(0, 3).toSorted()).toEqual(['a: load', 'b: speed', 'vibration-fault 2.0.0: speed']);
  expect(drawn.slice(3).toSorted()).toEqual(['a: speed', 'vibration-fault 2.0.0: load']);
});

it('stays when the drift is over, and when its hours are gone; nobody else sees it', async () => {
  await rule();
  for (const load of [OFF, OFF, WELL, WELL]) await hour(0, load, WELL);
  const alertId = await theAlert();
  const over = await alertDrift(fleet.deps, fleet.ours.owner, { alertId });
  expect(over?.lines[0]?.closedAt).toBeInstanceOf(Date);
  await fleet.db.monitoringHour.deleteMany({ where: { organizationId: fleet.ours.organizationId } });
  const gone = await alertDrift(fleet.deps, fleet.ours.owner, { alertId });
  expect(gone?.lines).toMatchObject([{ points: [] }, { points: [] }]);
  const theirs = await createTestOrganization(fleet.db);
  await expect(alertDrift(fleet.deps, theirs.owner, { alertId })).rejects.toMatchObject({ code: 'not_found' });
});
