import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultWaves, RolloutPlan } from './plan.ts';
import { assignWaves, type Target } from './waves.ts';

const planOf = (...sizes: ({ count: number } | { percent: number })[]) =>
  RolloutPlan.parse({ waves: sizes.map((size, at) => ({ name: `${at}`, size })) });
const fleet = (names: string, dark = ''): Target[] =>
  [...names].map((name) => ({ deviceId: name, name, isReachable: !dark.includes(name) }));
const waves = (plan: RolloutPlan, targets: Target[]) => assignWaves(plan, targets).map((ids) => ids.join(''));

it.each([
  [
    'counts are cumulative, and the last wave takes the rest',
    planOf({ count: 1 }, { count: 3 }, { percent: 50 }),
    fleet('abcdef'),
    ['a', 'bc', 'def'],
  ],
  [
    'percentages are cumulative and rounded up',
    planOf({ percent: 10 }, { percent: 50 }, { percent: 100 }),
    fleet('abcde'),
    ['a', 'bc', 'de'],
  ],
  [
    'reachable devices come first, then names',
    planOf({ count: 1 }, { percent: 100 }),
    fleet('dcba', 'a'),
    ['b', 'cda'],
  ],
  [
    'a small fleet leaves later waves empty',
    planOf({ count: 2 }, { percent: 50 }, { percent: 100 }),
    fleet('ab'),
    ['ab', '', ''],
  ],
  [
    'a wave that is smaller than the one before it is empty',
    planOf({ count: 3 }, { count: 1 }, { percent: 100 }),
    fleet('abcd'),
    ['abc', '', 'd'],
  ],
  [
    'the default plan: one, a tenth, half, all',
    RolloutPlan.parse({ waves: defaultWaves }),
    fleet('abcdefghij'),
    ['a', '', 'bcde', 'fghij'],
  ],
  ['no devices give empty waves', planOf({ count: 1 }, { percent: 100 }), [], ['', '']],
])('%s', (_, plan, targets, wanted) => expect(waves(plan, targets)).toEqual(wanted));

describe('the classes of hardware', () => {
  const boards = (devices: Record<string, string>, dark = ''): Target[] =>
    Object.entries(devices).map(([name, board]) => ({
      deviceId: name,
      name,
      isReachable: !dark.includes(name),
      facts: { board },
    }));
  const mixed = { a: 'pi', b: 'pi', c: 'pi', d: 'pi', e: 'jetson', f: 'jetson', g: 'nuc' };

  it('are all in a canary wave that has room for them, and go on by their share behind it', () => {
    expect(waves(planOf({ count: 3 }, { count: 5 }, { percent: 100 }), boards(mixed))).toEqual(['aeg', 'bc', 'fd']);
  });

  it('come one by one where a wave has room for one only, the largest first', () => {
    expect(waves(planOf({ count: 1 }, { count: 2 }, { count: 3 }, { percent: 100 }), boards(mixed))).toEqual([
      'a',
      'e',
      'g',
      'bcfd',
    ]);
  });

  it('that cannot be reached wait behind all that can', () => {
    expect(waves(planOf({ count: 3 }, { percent: 100 }), boards(mixed, 'g'))).toEqual(['aeb', 'cfdg']);
  });

  it('do not bend a wave that is chosen by a selector', () => {
    const chosen = RolloutPlan.parse({
      waves: [
        { name: 'nucs', size: { selector: 'facts.board=nuc' } },
        { name: 'two', size: { count: 3 } },
        { name: 'all', size: { percent: 100 } },
      ],
    });
    expect(waves(chosen, boards(mixed))).toEqual(['g', 'ae', 'bcfd']);
  });
});

it('every device has exactly one wave, whatever the plan', () => {
  const size = fc.oneof(
    fc.record({ count: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
  );
  const target = fc.record({ deviceId: fc.uuid(), name: fc.string({ maxLength: 5 }), isReachable: fc.boolean() });
  const targets = fc.uniqueArray(target, { maxLength: 40, selector: ({ deviceId }) => deviceId });
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 6 }), targets, (sizes, fleet) => {
      const assigned = assignWaves(planOf(...sizes), fleet);
      expect(assigned).toHaveLength(sizes.length);
      expect(assigned.flat().toSorted()).toEqual(fleet.map(({ deviceId }) => deviceId).toSorted());
      expect(assignWaves(planOf(...sizes), fleet.toReversed()).map((ids) => ids.length)).toEqual(
        assigned.map((ids) => ids.length),
      );
    }),
  );
});
