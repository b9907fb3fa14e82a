import { expect, it } from 'vitest';
import { describeDecision } from './describe.ts';
import { defaultWaves, RolloutPlan } from './plan.ts';

const plan = RolloutPlan.parse({ waves: defaultWaves });

it.each([
  [1, 'Told 1 device to move'],
  [2, 'Told 2 devices to move'],
  [1_512, 'Told 1,512 devices to move'],
])('says of %i devices that they were told', (count, words) => {
  const deploymentIds = Array.from({ length: count }, (_, at) => String(at));
  expect(describeDecision({ kind: 'notify', deploymentIds }, plan)).toBe(words);
});
