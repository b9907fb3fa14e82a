import { expect, test } from 'vitest';
import { runBundleInContainers } from './bundle/run.ts';
import { containerOutfit, withContainers } from './containers.ts';
import { Tally } from './tally.ts';

/** Some of the points, spread evenly; `npm run crash-matrix` takes all of them. */
const POINTS = 12;

test('killed or left by the engine around whatever it asks it to do, a device serves, tells the truth, and leaves nothing running', async () => {
  const problems: string[] = [];
  const tally = new Tally((line) => problems.push(line));
  await withContainers((world) => {
    const share = { max: POINTS, part: 1, parts: 1 };
    return runBundleInContainers(() => containerOutfit(world), share, tally);
  });
  expect(problems).toEqual([]);
  expect(tally.points).toBe(POINTS);
}, 600_000);
