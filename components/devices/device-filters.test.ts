import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSelector } from '@/server/domain/device/selector.ts';
import { devicesTitle, isView, selectorOf, tableInput, VIEWS, viewCount } from './device-filters.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const none = { connectivity: [], health: [], update: [], label: [] };
const counts = {
  connectivity: { online: 3, offline: 1, stale: 1 },
  health: { healthy: 4, unknown: 1 },
  update: { 'up-to-date': 3, rejected: 1, updating: 1 },
};

describe('label filters', () => {
  it.each([
    [[], ''],
    [['site=oslo'], 'site=oslo'],
    [['site=oslo', 'kind=press', 'site=bergen'], 'site in (oslo,bergen),kind=press'],
    [['retired'], 'retired'],
    [['retired='], 'retired'],
  ])('%j is the selector %j', (labels, selector) => expect(selectorOf(labels)).toBe(selector));

  it('are a selector that the server reads, with a requirement per key', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 8 }), (pairs) => {
        const requirements = parseSelector(selectorOf(pairs.map(([key, value]) => `${key}=${value}`)));
        expect(requirements.map(({ key }) => key)).toEqual([...new Set(pairs.map(([key]) => key))]);
      }),
    );
  });
});

it('leaves out what is not set, and values that no axis has', () => {
  expect(tableInput({ q: '', cursor: null, filters: none })).toEqual({});
  expect(
    tableInput({ q: 'press', cursor: 'press-07', filters: { ...none, update: ['rejected', 'lost'], label: ['a=b'] } }),
  ).toEqual({ q: 'press', cursor: 'press-07', update: ['rejected'], selector: 'a=b' });
});

it('counts views by their axis, and knows which one is on', () => {
  expect(VIEWS.map((view) => [view.label, viewCount(view, counts)])).toEqual([
    ['All', 5],
    ['Unhealthy', 0],
    ['Update refused', 1],
    ['Updating', 1],
    ['Stale or offline', 2],
  ]);
  const on = VIEWS.filter((view) => isView(view, { ...none, connectivity: ['offline', 'stale'], label: ['a=b'] }));
  expect(on.map(({ label }) => label)).toEqual(['Stale or offline']);
});

it('answers in the title', () => {
  expect(plain(devicesTitle(counts))).toBe('5 devices: 1 refused its update, 1 is offline, 1 is silent');
  const calm = { connectivity: { online: 2 }, health: { healthy: 2 }, update: {} };
  expect(plain(devicesTitle(calm))).toBe('2 devices, none in trouble');
  expect(devicesTitle({ connectivity: {}, health: {}, update: {} })).toBe('No devices yet');
});
