import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AlertCondition, thresholdOf } from './condition.ts';
import { evaluateRule, type MemberState, type Reading } from './evaluate.ts';
import { noDataModes } from './rule.ts';

const START = Date.parse('2026-11-21T08:00:00Z');
const SUBJECTS = ['a', 'b', 'c'];

const rules = fc
  .record({
    op: fc.constantFrom('above' as const, 'below' as const),
    limit: fc.integer({ min: -5, max: 5 }),
    gap: fc.integer({ min: 0, max: 4 }),
    pendingS: fc.constantFrom(0, 20, 60),
    clearS: fc.constantFrom(0, 20, 60),
    noData: fc.constantFrom(...noDataModes),
    minSamples: fc.constantFrom(0, 10),
  })
  .map(({ op, limit, gap, minSamples, ...rest }) => ({
    ...rest,
    condition: AlertCondition.parse({
      kind: 'metric',
      metric: 'temp_c',
      op,
      limit,
      clearAt: op === 'above' ? limit - gap : limit + gap,
      minSamples,
    }),
  }));
const looks = fc.array(
  fc.record({
    stepS: fc.integer({ min: 1, max: 60 }),
    values: fc.array(fc.option(fc.integer({ min: -10, max: 10 })), { minLength: 3, maxLength: 3 }),
    samples: fc.integer({ min: 5, max: 15 }),
    present: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 60 },
);

function readingsOf({ values, samples, present }: { values: (number | null)[]; samples: number; present: number }) {
  return SUBJECTS.slice(0, present).map(
    (subjectId, at): Reading => ({
      subjectId,
      subjectKind: 'device',
      name: subjectId,
      group: '',
      value: values[at] ?? null,
      samples,
      from: new Date(START - 60_000),
      to: new Date(START),
    }),
  );
}

it('a look that is repeated changes nothing, however often', () =>
  fc.assert(
    fc.property(rules, looks, (rule, history) => {
      let states: MemberState[] = [];
      let nowMs = START;
      for (const look of history) {
        nowMs += look.stepS * 1000;
        const once = evaluateRule(rule, states, readingsOf(look), new Date(nowMs));
        const again = evaluateRule(rule, once.states, readingsOf(look), new Date(nowMs));
        expect(again).toEqual({ states: once.states, fired: [], cleared: [], isChanged: false });
        states = once.states;
      }
    }),
  ));

it('fires and clears in turns, each firing after its time and with evidence, each clearing after its time', () =>
  fc.assert(
    fc.property(rules, looks, (rule, history) => {
      let states: MemberState[] = [];
      let nowMs = START;
      const firing = new Map<string, number>();
      const { op, limit } = thresholdOf(rule.condition);
      for (const look of history) {
        nowMs += look.stepS * 1000;
        const result = evaluateRule(rule, states, readingsOf(look), new Date(nowMs));
        for (const { reading, evidence } of result.fired) {
          expect(firing.has(reading.subjectId)).toBe(false);
          firing.set(reading.subjectId, nowMs);
          const isBeyond =
            evidence.value !== null && (op === 'above' ? evidence.value > limit : evidence.value < limit);
          expect(evidence.isNoData ? rule.noData === 'alert' : isBeyond).toBe(true);
          expect(evidence).toMatchObject({ op, limit, from: reading.from, to: reading.to });
        }
        for (const { subjectId, why } of result.cleared) {
          const firedMs = firing.get(subjectId) ?? Number.NaN;
          if (why === 'good') expect(nowMs - firedMs).toBeGreaterThanOrEqual(rule.clearS * 1000);
          expect(firing.delete(subjectId)).toBe(true);
        }
        expect([...firing.keys()].sort()).toEqual(
          result.states
            .filter(({ phase }) => phase === 'firing')
            .map(({ subjectId }) => subjectId)
            .sort(),
        );
        states = result.states;
      }
    }),
  ));

it('never flaps while the value stays between the limits', () =>
  fc.assert(
    fc.property(rules, looks, looks, (rule, before, after) => {
      let states: MemberState[] = [];
      let nowMs = START;
      for (const look of before) {
        nowMs += look.stepS * 1000;
        states = evaluateRule(rule, states, readingsOf({ ...look, present: 3 }), new Date(nowMs)).states;
      }
      const { op, limit, clearAt } = thresholdOf(rule.condition);
      const between = op === 'above' ? Math.min(limit, clearAt + 0.5) : Math.max(limit, clearAt - 0.5);
      const isOneLimit = limit === clearAt;
      let turns = 0;
      for (const look of after) {
        nowMs += look.stepS * 1000;
        const values = [between, between, between];
        const result = evaluateRule(rule, states, readingsOf({ values, samples: 20, present: 3 }), new Date(nowMs));
        turns += result.fired.length + result.cleared.length;
        states = result.states;
      }
      // Where both limits are one, the value there is good: what fired may clear, once.
      expect(turns).toBeLessThanOrEqual(isOneLimit ? SUBJECTS.length : 0);
    }),
  ));
