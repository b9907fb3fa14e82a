import { expect, it } from 'vitest';
import { closeFindings, saveFinding } from '../../db/drift.ts';
import { forTenant } from '../../db/scope.ts';
import { AlertCondition } from '../../domain/alerts/condition.ts';
import { Judged } from '../../domain/drift/judge.ts';
import { NIL_ID } from '../../domain/telemetry/rollup.ts';
import { alertList, alertPage } from '../../queries/alerts.ts';
import { AlertFleet } from '../../testing/alert-fleet.ts';
import { fileFleet, type TestFleet } from '../../testing/test-fleet.ts';

let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let fleet: AlertFleet;
fileFleet(async (made) => {
  ({ clock, deps, ours } = made);
  fleet = await AlertFleet.start(deps, ours.owner, made.ingest, 'abc');
});

const alerts = async () => (await alertList(deps, ours.owner, {})).items;
const theAlert = async () => alertPage(deps, ours.owner, { alertId: (await alerts())[0]?.id ?? '' });
const passes = async (s: number) => {
  clock.forwardMs(s * 1000);
  await fleet.looks();
};

const numbers = {
  kind: 'input' as const,
  name: 'signal.sd',
  n: 400,
  likeness: 1,
  m: 4000,
  psi: 0.5,
  psiThreshold: 0.04,
};
const rest = {
  jsDistance: 0.3,
  effect: 0.3,
  chiSquared: 200,
  df: 9,
  p: 0,
  lInfinity: 0.3,
  isOff: true,
  counts: [400],
};
const finds = (feature: string, effect: number, deviceId = fleet.devices[0]?.id ?? '') =>
  saveFinding(
    forTenant(deps.db, ours.organizationId),
    {
      ...{
        versionId: fleet.versionId,
        deviceId,
        slot: 'default',
        kind: 'input',
        feature,
        severity: 'moderate',
        effect,
      },
      ...{ numbers: Judged.parse({ ...numbers, ...rest }), since: clock.now() },
    },
    clock.now(),
  );

it('a rule on drift fires for the device on which so many features drift, names the one that drifts most, and ends with the findings', async () => {
  await fleet.rule({ condition: AlertCondition.parse({ kind: 'drift', features: 2 }) });
  await finds('signal.mean', 0.15);
  await fleet.looks();
  expect(await alerts()).toEqual([]);
  await finds('signal.sd', 0.3);
  await passes(60);
  const { alert, members } = await theAlert();
  expect(alert).toMatchObject({ state: 'firing', members: 1 });
  expect(members.map(({ evidence }) => evidence)).toEqual([
    expect.objectContaining({ value: 2, samples: 400, versionIds: [fleet.versionId], detail: 'signal.sd' }),
  ]);
  await closeFindings(forTenant(deps.db, ours.organizationId), { versionId: fleet.versionId }, 'over', clock.now());
  await passes(60);
  await passes(600);
  expect((await theAlert()).alert.state).toBe('resolved');
});

it('drift that only the fleet as a whole shows fires too, and a device that joins it is of the same alert', async () => {
  const before = (await alerts()).length;
  await finds('signal.mean', 0.2, NIL_ID);
  await finds('signal.sd', 0.3, NIL_ID);
  await passes(60);
  const { alert, members } = await theAlert();
  expect(alert).toMatchObject({ state: 'firing', members: 1 });
  expect(members).toMatchObject([
    { subjectKind: 'version', subjectId: fleet.versionId, evidence: { value: 2, detail: 'signal.sd' } },
  ]);
  expect(members[0]?.name).not.toBe(fleet.versionId);
  await finds('signal.mean', 0.2);
  await finds('signal.sd', 0.3);
  await passes(60);
  expect((await alerts()).length).toBe(before + 1);
  expect((await theAlert()).alert).toMatchObject({ state: 'firing', members: 2 });
});
