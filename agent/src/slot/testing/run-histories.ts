import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Serving } from '../state.ts';
import { history, World } from './history.ts';
import { SlotModel } from './model.ts';

/** Lets so many random histories happen to the machine and to its model; throws the smallest one in which they differ. */
export function runHistories(count: number): number {
  const rule = fc.property(history, (happenings) => {
    const world = new World();
    const model = new SlotModel();
    for (const what of happenings) {
      world.happen(what);
      model.happen(what, world.now, world.state.phase);
      const { phase, target, serving, good } = world.state;
      const seen = { phase, target: numberOf(target), serving: numberOf(serving), good: numberOf(good) };
      const expected = { phase: model.phase, target: model.target, serving: model.serving, good: model.good };
      deepStrictEqual(seen, expected);
    }
  });
  void fc.assert(rule, { numRuns: count });
  return count;
}

function numberOf(of: Pick<Serving, 'release'> | null): number | null {
  return of && Number.parseInt(of.release.model.version, 10);
}
