import { describe, expect, it } from 'vitest';
import { alertList, alertPage } from '../../queries/alerts.ts';
import { AlertFleet, errorsAbove } from '../../testing/alert-fleet.ts';
import type { TestDeps } from '../../testing/fleet.ts';
import { createTestOrganization } from '../../testing/organizations.ts';
import { type TestFleet, testFleet } from '../../testing/test-fleet.ts';
import { acknowledgeAlert, resolveAlert } from './handle-alert.ts';
import { saveChannel } from './save-channel.ts';
import { removeMute, saveMute } from './save-mute.ts';
import { removeRule, saveRule } from './save-rule.ts';

let clock: TestFleet['clock'];
let deps: TestDeps;
let ours: TestFleet['ours'];
let fleet: AlertFleet;
const stand = testFleet(async (made) => {
  ({ clock, deps, ours } = made);
  fleet = await AlertFleet.start(deps, ours.owner, made.ingest, 'abc');
});

const alerts = async () => (await alertList(deps, ours.owner, {})).items;
const theAlert = async () => {
  const [first, ...others] = await alerts();
  expect(others).toEqual([]);
  if (!first) throw new Error('no alert');
  return alertPage(deps, ours.owner, { alertId: first.id });
};
const passes = async (s: number) => {
  clock.forwardMs(s * 1000);
  await fleet.looks();
};
const webhook = () =>
  saveChannel(deps, ours.owner, { channel: { kind: 'webhook', name: 'Ops', url: 'https://hooks.test/a' } });
const messages = async () =>
  (
    await stand.db.alertDelivery.findMany({ where: { organizationId: ours.organizationId }, orderBy: { id: 'asc' } })
  ).map(({ key }) => key);
/** Everything that alerts keep of our organization. */
const stored = () =>
  Promise.all([
    stand.db.alert.findMany({ where: { organizationId: ours.organizationId } }),
    stand.db.alertState.findMany({ where: { organizationId: ours.organizationId } }),
    stand.db.alertMember.findMany({ where: { organizationId: ours.organizationId } }),
    stand.db.alertEvent.findMany({ where: { organizationId: ours.organizationId } }),
    stand.db.alertDelivery.findMany({ where: { organizationId: ours.organizationId } }),
  ]);

describe('an outage', () => {
  it('of many devices is one alert, with each of them and what was measured', async () => {
    await webhook();
    await fleet.rule({ condition: errorsAbove(), severity: 'critical' });
    await fleet.measures({ errors: 100 });
    await fleet.looks();
    const { alert, members, events, deliveries } = await theAlert();
    expect(alert).toMatchObject({ state: 'firing', severity: 'critical', members: 3, peakMembers: 3 });
    expect(members.map(({ name, evidence }) => [name, evidence])).toEqual(
      ['a', 'b', 'c'].map((name) => [
        name,
        expect.objectContaining({
          value: 0.25,
          limit: 0.05,
          samples: 400,
          versionIds: [fleet.versionId],
          isNoData: false,
        }),
      ]),
    );
    expect(events).toMatchObject([
      { kind: 'fired', actorKind: 'engine', detail: { count: 3, names: ['a', 'b', 'c'] } },
    ]);
    expect(deliveries).toMatchObject([
      { kind: 'fired', channel: 'Ops', state: 'waiting', title: expect.stringMatching(/: 3 devices$/) },
    ]);
  });

  it('is looked at again, and by others at the same time, without any change', async () => {
    await webhook();
    await fleet.rule({ condition: errorsAbove({ windowS: 60 }) });
    await fleet.measures({ errors: 100, agoMs: 0 });
    await Promise.all(Array.from({ length: 4 }, () => fleet.looks()));
    const once = await stored();
    expect(once[0]).toHaveLength(1);
    expect(once[4]).toHaveLength(1);
    for (let look = 0; look < 3; look += 1) await fleet.looks();
    expect(await stored()).toEqual(once);
  });

  it('waits for its time, joins who comes later, and is over when all are good for long enough', async () => {
    await webhook();
    const [a, b] = fleet.devices;
    await fleet.rule({ condition: errorsAbove({ windowS: 60 }), pendingS: 60, clearS: 40 });
    const bad = (who: typeof fleet.devices) => fleet.measures({ errors: 100, agoMs: 0 }, who);
    if (!a || !b) throw new Error('no devices');
    await bad([a]);
    await fleet.looks();
    await passes(59);
    expect(await alerts()).toEqual([]);
    await bad([a]);
    await passes(1);
    expect(await theAlert()).toMatchObject({ alert: { members: 1, names: ['a'] } });
    await bad([a, b]);
    await passes(20);
    await bad([a, b]);
    await passes(60);
    expect(await theAlert()).toMatchObject({ alert: { members: 2, peakMembers: 2 } });
    await passes(180); // Without new errors the window is empty: no data is good.
    expect((await theAlert()).alert.state).toBe('firing');
    await passes(40);
    const { alert, members, events } = await theAlert();
    expect(alert).toMatchObject({ state: 'resolved', resolvedWhy: 'good', members: 0, peakMembers: 2 });
    expect(members.every(({ clearedAt }) => clearedAt !== null)).toBe(true);
    expect(events.map(({ kind }) => kind)).toEqual(['resolved', 'grew', 'fired']);
    expect(await messages()).toEqual(['fired', 'resolved']);
  });

  it('by a label is one alert for each of its values', async () => {
    const [a, b, c] = fleet.devices;
    for (const [device, site] of [
      [a, 'oslo'],
      [b, 'oslo'],
      [c, 'bergen'],
    ] as const)
      await stand.db.deviceLabel.create({
        data: { organizationId: ours.organizationId, deviceId: device?.id ?? '', key: 'site', value: site },
      });
    await fleet.rule({ condition: errorsAbove(), groupLabel: 'site' });
    await fleet.measures({ errors: 100 });
    await fleet.looks();
    expect((await alerts()).map(({ groupKey, names }) => [groupKey, names]).toSorted()).toEqual([
      ['bergen', ['c']],
      ['oslo', ['a', 'b']],
    ]);
  });
});

it('an outage costs as many statements as one device that falls silent', async () => {
  const statementsOf = async (names: string) => {
    let statements = 0;
    const counted = stand.db.$extends({
      query: {
        $allOperations({ args, query }) {
          statements += 1;
          return query(args);
        },
      },
    }) as unknown as TestDeps['db'];
    const theirs = await createTestOrganization(stand.db);
    const many = await AlertFleet.start({ ...deps, db: counted }, theirs.owner, stand.ingest, names);
    await many.rule({ condition: { kind: 'offline', afterS: 600 } });
    await many.looks();
    clock.forwardMs(700_000);
    statements = 0;
    await many.looks();
    const [alert] = (await alertList(deps, theirs.owner, {})).items;
    expect(alert?.members).toBe(names.length);
    return statements;
  };
  expect(await statementsOf('abcdefghijkl')).toBe(await statementsOf('a'));
});

describe('what rules look at', () => {
  it('devices that are silent; one that never came is not', async () => {
    await fleet.rule({ condition: { kind: 'offline', afterS: 600 } });
    await passes(600);
    expect(await alerts()).toEqual([]);
    await fleet.devices[0]?.says(true, 2);
    await passes(1);
    expect(await theAlert()).toMatchObject({
      alert: { names: ['b', 'c'] },
      members: [{ evidence: { value: 601 } }, {}],
    });
  });

  it('certificates that end', async () => {
    await fleet.rule({ condition: { kind: 'certificate', withinDays: 14 } });
    await fleet.looks();
    expect(await alerts()).toEqual([]);
    await passes(80 * 86_400);
    expect(await theAlert()).toMatchObject({
      alert: { members: 3 },
      members: [{ evidence: { value: expect.closeTo(10, 0) } }, {}, {}],
    });
  });

  it('disks that are almost full, by what the device says it has', async () => {
    await stand.db.device.updateMany({
      where: { organizationId: ours.organizationId, name: 'a' },
      data: { facts: { diskBytes: 100e9 } },
    });
    await fleet.rule({ condition: { kind: 'metric', metric: 'disk_free_share', op: 'below', limit: 0.1 } });
    await fleet.measures({ diskFreeBytes: 9e9 });
    await fleet.looks();
    expect(await theAlert()).toMatchObject({ alert: { names: ['a'] }, members: [{ evidence: { value: 0.09 } }] });
  });

  it('a percentile against the day before', async () => {
    await fleet.measures({ latencyMs: 5, agoMs: 24 * 3_600_000 });
    await fleet.measures({ latencyMs: 11, agoMs: 30_000 }, fleet.devices.slice(0, 1));
    await fleet.measures({ latencyMs: 6, agoMs: 30_000 }, fleet.devices.slice(1));
    await fleet.rule({
      condition: {
        kind: 'metric',
        metric: 'latency_p95_ms',
        op: 'above',
        compare: 'day-before',
        limit: 2,
        windowS: 900,
      },
    });
    await fleet.looks();
    const { alert, members } = await theAlert();
    expect(alert.names).toEqual(['a']);
    expect(members[0]?.evidence.value).toBeCloseTo(2.2, 1);
    expect(members[0]?.evidence.baseline).toBeCloseTo(5, 0);
  });

  it('all devices together, and each version', async () => {
    await fleet.measures({ errors: 300 }, fleet.devices.slice(0, 1));
    await fleet.measures({ errors: 0 }, fleet.devices.slice(1));
    await fleet.rule({ name: 'Together', condition: errorsAbove({ per: 'together', limit: 0.2 }) });
    await fleet.rule({ name: 'By version', condition: errorsAbove({ per: 'version', limit: 0.2 }) });
    await fleet.rule({ name: 'Not so bad', condition: errorsAbove({ per: 'together', limit: 0.3 }) });
    await fleet.looks();
    expect((await alerts()).map(({ ruleName, names }) => [ruleName, names]).toSorted()).toEqual([
      ['By version', ['vibration-fault 1.0.0']],
      ['Together', ['All devices']],
    ]);
  });

  it('rollouts that were rolled back, each by itself, and for a day', async () => {
    const rollout = (name: string, state: string) =>
      stand.db.rollout.create({
        data: {
          organizationId: ours.organizationId,
          name,
          slot: 'default',
          plan: {},
          state,
          stateSince: clock.now(),
          finishedAt: clock.now(),
        },
      });
    await rollout('first', 'rolled-back');
    await rollout('second', 'rolled-back');
    await rollout('third', 'succeeded');
    await fleet.rule({ condition: { kind: 'rollout', events: ['rolled-back'] } });
    await fleet.looks();
    expect((await alerts()).map(({ names }) => names).toSorted()).toEqual([['first'], ['second']]);
    await passes(86_401);
    expect((await alerts()).map(({ state }) => state)).toEqual(['resolved', 'resolved']);
  });

  it('only devices of the selector, and nothing of another organization', async () => {
    const theirs = await createTestOrganization(stand.db);
    await stand.db.deviceLabel.create({
      data: { organizationId: ours.organizationId, deviceId: fleet.devices[1]?.id ?? '', key: 'stage', value: 'prod' },
    });
    await fleet.measures({ errors: 100 });
    await fleet.rule({ condition: errorsAbove({ selector: 'stage=prod' }) });
    await saveRule(deps, theirs.owner, { rule: { name: 'Theirs', condition: errorsAbove() } });
    await fleet.looks();
    expect((await theAlert()).alert.names).toEqual(['b']);
    expect((await alertList(deps, theirs.owner, {})).items).toEqual([]);
    const { id } = (await theAlert()).alert;
    for (const act of [acknowledgeAlert, resolveAlert])
      await expect(act(deps, theirs.owner, { alertId: id })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('people', () => {
  const fires = async () => {
    await webhook();
    const rule = await fleet.rule({ condition: errorsAbove({ windowS: 60 }) });
    await fleet.measures({ errors: 100, agoMs: 0 });
    await fleet.looks();
    return { rule, alertId: (await theAlert()).alert.id };
  };

  it('acknowledge with a note, once, and the channels hear it', async () => {
    const { alertId } = await fires();
    await acknowledgeAlert(deps, ours.owner, { alertId, note: 'I am on it' });
    await acknowledgeAlert(deps, ours.owner, { alertId, note: 'It is the line change' });
    const { alert, events } = await theAlert();
    expect(alert.state).toBe('acknowledged');
    expect(events.map(({ kind, actorName, detail }) => [kind, actorName, detail.note])).toEqual([
      ['noted', 'A test owner', 'It is the line change'],
      ['acknowledged', 'A test owner', 'I am on it'],
      ['fired', null, undefined],
    ]);
    expect(await messages()).toEqual(['fired', 'acknowledged']);
  });

  it('resolve what is still bad: it is quiet until it has been good once', async () => {
    const { alertId } = await fires();
    await resolveAlert(deps, ours.owner, { alertId });
    await fleet.looks();
    expect((await theAlert()).alert).toMatchObject({ state: 'resolved', resolvedWhy: 'person' });
    await expect(resolveAlert(deps, ours.owner, { alertId })).rejects.toMatchObject({ reason: 'alert_resolved' });
    await passes(400);
    await fleet.measures({ errors: 100, agoMs: 0 });
    await fleet.looks();
    expect(await alerts()).toHaveLength(2);
  });

  it('who may only look may not', async () => {
    const { alertId } = await fires();
    const viewer = { ...ours.owner, role: 'viewer' as const };
    await expect(acknowledgeAlert(deps, viewer, { alertId })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(alertList(deps, viewer, {})).resolves.toMatchObject({ items: [{ id: alertId }] });
  });

  it('switch a rule off, or remove it: its alerts are over, and stay in the past', async () => {
    const { rule } = await fires();
    await saveRule(deps, ours.owner, { ruleId: rule.id, rule: { ...rule, isEnabled: false } });
    expect((await theAlert()).alert).toMatchObject({ state: 'resolved', resolvedWhy: 'rule' });
    await removeRule(deps, ours.owner, { ruleId: rule.id });
    expect((await theAlert()).alert).toMatchObject({ ruleId: null, ruleName: rule.name });
  });

  it('mute: it fires and is shown, nobody is told, and who was not told is told after it', async () => {
    const inMs = (ms: number) => new Date(clock.now().getTime() + ms).toISOString();
    await saveMute(deps, ours.owner, {
      name: 'Line change',
      schedule: { kind: 'once', from: inMs(-1), to: inMs(60_000) },
    });
    await fires();
    expect((await theAlert()).alert).toMatchObject({ state: 'firing', mute: 'Line change' });
    expect(await messages()).toEqual([]);
    await passes(60);
    expect(await messages()).toEqual(['fired']);
    expect((await theAlert()).events.map(({ kind }) => kind)).toEqual(['unmuted', 'muted', 'fired']);
  });

  it('lift a mute before its time', async () => {
    const inMs = (ms: number) => new Date(clock.now().getTime() + ms).toISOString();
    const mute = await saveMute(deps, ours.owner, {
      name: 'Too long',
      schedule: { kind: 'once', from: inMs(-1), to: inMs(9e6) },
    });
    await fires();
    await removeMute(deps, ours.owner, { muteId: mute.id });
    await fleet.looks();
    expect(await messages()).toEqual(['fired']);
  });
});
