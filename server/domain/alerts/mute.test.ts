import { expect, it } from 'vitest';
import { MuteFields, muteOf, muteStateAt } from './mute.ts';

const mute = (more: object = {}) => ({
  ...MuteFields.parse({
    name: 'Line change',
    schedule: { kind: 'once', from: '2026-11-21T08:00:00Z', to: '2026-11-21T10:00:00Z' },
    ...more,
  }),
  id: 'm',
  createdById: null,
  createdAt: new Date(0),
});
const at = (text: string) => new Date(`2026-11-21T${text}:00Z`);

it.each([
  ['07:59', { isOn: false, nextAt: at('08:00') }],
  ['08:00', { isOn: true, until: at('10:00') }],
  ['09:59', { isOn: true, until: at('10:00') }],
  ['10:00', { isOn: false, nextAt: null }],
])('once, at %s', (time, wanted) => expect(muteStateAt(mute().schedule, at(time))).toEqual(wanted));

it('again and again, by the clock of its time zone', () => {
  const { schedule } = mute({
    schedule: { kind: 'again', window: { cron: '0 22 * * *', timeZone: 'Europe/Oslo', minutes: 60 } },
  });
  expect(muteStateAt(schedule, at('21:30'))).toEqual({ isOn: true, until: at('22:00') });
  expect(muteStateAt(schedule, at('22:00'))).toMatchObject({ isOn: false });
});

it('a mute that ends before it begins is none', () => {
  expect(() =>
    mute({ schedule: { kind: 'once', from: '2026-11-21T08:00:00Z', to: '2026-11-21T08:00:00Z' } }),
  ).toThrow();
});

const oslo = { labels: { site: 'oslo' }, facts: {} };
const bergen = { labels: { site: 'bergen' }, facts: {} };
const rule = '0197a000-0000-7000-8000-000000000001';
const other = '0197a000-0000-7000-8000-000000000002';
it.each([
  ['of everything', {}, [oslo, bergen, null], true],
  ['of the rule', { ruleIds: [rule] }, [oslo], true],
  ['of another rule', { ruleIds: [other] }, [oslo], false],
  ['of every member', { selector: 'site=oslo' }, [oslo, oslo], true],
  ['of some members only', { selector: 'site=oslo' }, [oslo, bergen], false],
  ['of devices, where a member is none', { selector: 'site=oslo' }, [null], false],
])('a mute %s', (_, more, members, isMuted) =>
  expect(muteOf([mute(more)], { ruleId: rule, members }, at('09:00')) !== undefined).toBe(isMuted),
);
