import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeSlot } from '../testing/release.ts';
import type { SlotState } from './state.ts';
import { history, World } from './testing/history.ts';
import { runHistories } from './testing/run-histories.ts';

const historyOf = (after: (world: World, before: SlotState) => void) =>
  fc.property(history, (happenings) => {
    const world = new World();
    for (const what of happenings) {
      const before = world.state;
      world.happen(what);
      after(world, before);
    }
    after(world, world.state);
  });

test('whatever happens, a device that once served a good version always has one in service', () => {
  const rule = historyOf((world, before) => {
    if (before.good) expect(world.state.serving).not.toBeNull();
    if (world.state.phase === 'active') expect(world.state.serving?.release.id).toBe(world.state.target?.release.id);
    if (world.state.phase === 'reverted') expect(world.state.serving).toEqual(world.state.good);
    if (before.phase !== 'active' && world.state.phase === 'active') expect(before.observedAt).toBeDefined();
  });
  void fc.assert(rule, { numRuns: 1500 });
});

test('whatever happened, when all goes well from then on, the newest desired release becomes active', () => {
  const rule = fc.property(history, (happenings) => {
    const world = new World();
    for (const what of happenings) world.happen(what);
    world.apply({ type: 'desired', slot: makeSlot(9, 900) });
    for (let n = 0; n < 40 && world.state.phase !== 'active'; n++) {
      world.finish();
      world.wait(86_400_000);
    }
    expect(world.state).toMatchObject({ phase: 'active', serving: { release: { id: makeSlot(9).release.id } } });
  });
  void fc.assert(rule, { numRuns: 1500 });
});

test('the machine does what its model says, in 1,000 histories', () => {
  expect(runHistories(1_000)).toBe(1_000);
});
