import { expect, it } from 'vitest';
import { inTenant } from '../db/scope.ts';
import { defaultRules } from '../domain/alerts/defaults.ts';
import { giveDefaultRules } from '../services/alerts/give-defaults.ts';
import { removeRule, restoreDefaults, restoreRule, saveRule } from '../services/alerts/save-rule.ts';
import { AlertFleet, errorsAbove } from '../testing/alert-fleet.ts';
import { type TestFleet, testFleet } from '../testing/test-fleet.ts';
import { ruleList } from './alerts.ts';
import { previewRule } from './alerts-preview.ts';

const MINUTE_MS = 60_000;
/** In the middle of a bucket of five minutes, so that the buckets of the past are where the test puts them. */
const START = new Date(Math.floor(Date.now() / 300_000) * 300_000 + 30_000);
let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let fleet: AlertFleet;
const stand = testFleet(async (made) => {
  ({ clock, deps, ours } = made);
  fleet = await AlertFleet.start(deps, ours.owner, made.ingest, 'ab');
}, START);

const preview = (condition: object, more: object = {}) =>
  previewRule(deps, ours.owner, { rule: { name: 'x', condition: condition as never, ...more } });

it('says how often a rule would have fired in the last day, with the same engine, and what it says now', async () => {
  const [a] = fleet.devices;
  if (!a) throw new Error('no device');
  for (const minutes of [600, 595, 590, 300, 295])
    await fleet.measures({ errors: 100, agoMs: minutes * MINUTE_MS }, [a]);
  for (const minutes of [585, 580, 290, 285, 5]) await fleet.measures({ errors: 0, agoMs: minutes * MINUTE_MS }, [a]);
  const found = await preview(errorsAbove());
  expect(found).toMatchObject({ subjects: 2, badCount: 0, withoutData: 1, day: { alerts: 2, firings: 2, stepS: 300 } });
  expect(
    found.day?.moments.map(({ at, name }) => [name, Math.round((clock.now().getTime() - at.getTime()) / MINUTE_MS)]),
  ).toEqual([
    ['a', 596],
    ['a', 296],
  ]);
  expect((await preview(errorsAbove(), { pendingS: 600 })).day?.alerts).toBe(1);
  expect((await preview(errorsAbove({ limit: 0.3 }))).day?.alerts).toBe(0);
  expect(await preview(errorsAbove(), { noData: 'alert' })).toMatchObject({
    badCount: 1,
    bad: [{ name: 'b', value: null }],
  });
});

it('says of what keeps no history how it stands now', async () => {
  expect(await preview({ kind: 'certificate', withinDays: 120 })).toMatchObject({
    subjects: 2,
    badCount: 2,
    day: null,
  });
  expect(await preview({ kind: 'offline', afterS: 60 })).toMatchObject({ subjects: 2, badCount: 0, day: null });
});

it('the first rules are given once, can be changed and restored, and come back when they were removed', async () => {
  const { organizationId } = ours;
  const give = () => inTenant(stand.db, organizationId, (scope) => giveDefaultRules(scope, clock.now()));
  await Promise.all([give(), give(), give()]);
  const rules = await ruleList(deps, ours.owner);
  expect(rules.map(({ defaultKey }) => defaultKey)).toEqual(defaultRules.map(({ key }) => key));
  const [first, second] = rules;
  if (!first || !second) throw new Error('no rules');
  await saveRule(deps, ours.owner, { ruleId: first.id, rule: { ...first, name: 'Changed', isEnabled: false } });
  await removeRule(deps, ours.owner, { ruleId: second.id });
  await give();
  expect((await ruleList(deps, ours.owner)).map(({ name }) => name)).toContain('Changed');
  expect(await ruleList(deps, ours.owner)).toHaveLength(rules.length - 1);
  expect(await restoreRule(deps, ours.owner, { ruleId: first.id })).toMatchObject({
    name: first.name,
    isEnabled: true,
  });
  expect(await restoreDefaults(deps, ours.owner)).toEqual({ restored: 1 });
  expect(await restoreDefaults(deps, ours.owner)).toEqual({ restored: 0 });
  const own = await saveRule(deps, ours.owner, { rule: { name: 'Own', condition: errorsAbove() } });
  await expect(restoreRule(deps, ours.owner, { ruleId: own.id })).rejects.toMatchObject({ reason: 'no_default' });
});

it('a rule names channels that are there, and asks for training by a webhook', async () => {
  const nobody = '0197a000-0000-7000-8000-000000000001';
  const save = (more: object) =>
    saveRule(deps, ours.owner, { rule: { name: 'Own', condition: errorsAbove(), ...more } });
  await expect(save({ channelIds: [nobody] })).rejects.toMatchObject({ fields: [{ pointer: '/channelIds' }] });
  await expect(save({ retrainChannelId: nobody })).rejects.toMatchObject({
    fields: [{ pointer: '/retrainChannelId' }],
  });
  await expect(save({ condition: errorsAbove({ selector: '=' }) })).rejects.toThrow('is not a label requirement');
  await expect(save({ condition: errorsAbove({ clearAt: 0.9 }) })).rejects.toThrow('at or below');
});
