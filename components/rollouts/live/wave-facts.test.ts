import { expect, it } from 'vitest';
import type { RolloutState } from '@/server/domain/rollout/states.ts';
import { NBSP } from '../../ui/format.ts';
import { testPage, type WaveSpec } from './test-page.ts';
import { kindLines } from './wave-cells.ts';
import { waveFacts } from './wave-facts.ts';

function facts(wave: WaveSpec, state: RolloutState = 'running'): string[] {
  const { waves, rollout } = testPage(state, [wave]);
  const [first] = waves;
  if (!first) throw new Error('no wave');
  const arrival = state === 'rolled-back' ? 'had-moved' : 'serve';
  const { strong, rest } = waveFacts(first, rollout.plan.waves[0], state, arrival);
  return [`${strong.count} ${strong.words}`, ...rest].map((line) => line.replaceAll(NBSP, ' '));
}

it('counts who serves of those that could, and names the others', () => {
  expect(facts({ state: 'rolling', members: ['succeeded', 'rejected', 'downloading', '-queued'] })).toEqual([
    '1 of 3 serve it, 1 on the way, 1 failed, 1 out of reach',
    '33 % done, 90 % needed',
  ]);
});

it('counts a device that is watched among those that serve, and not among those that are done', () => {
  expect(facts({ state: 'rolling', members: ['succeeded', 'observing', 'downloading', '-observing'] })).toEqual([
    '2 of 3 serve it, 1 still watched, 1 on the way, 1 out of reach',
    '33 % done, 90 % needed',
  ]);
});

it('says of devices that were taken back that they had moved, and not that they failed', () => {
  expect(
    facts({ state: 'failed', members: ['reverted', 'reverted', 'rejected', '-cancelled'] }, 'rolled-back'),
  ).toEqual(['2 of 3 had moved, 2 went back, 1 failed']);
});

it('says of a wave to come what it will need, and of one that never came that nobody was told', () => {
  expect(facts({ state: 'pending', members: ['queued', '-queued'] })).toEqual([
    '1 of 2 reachable',
    'bakes 10 min, 1 gate',
  ]);
  expect(facts({ state: 'pending', members: ['cancelled', 'cancelled'] }, 'aborted')).toEqual(['2 not told to move']);
  expect(facts({ state: 'skipped', members: ['-queued'] })).toEqual(['None of 1 device could be reached']);
  expect(facts({ state: 'skipped', members: [] })).toEqual(['No devices']);
});

it('explains the squares in the words of this rollout', () => {
  const { waves } = testPage('running', [
    {
      state: 'rolling',
      members: ['succeeded', 'observing', 'proving', 'downloading', 'failed', 'rejected', '-queued'],
    },
  ]);
  const states = waves.flatMap((wave) => wave.states);
  expect(kindLines(states, '2.0.0').map(({ kind, count, word }) => `${kind}: ${count} ${word}`)).toEqual([
    'done: 2 serve 2.0.0',
    'moving: 2 moving',
    'rejected: 2 failed or rejected',
    'offline: 1 out of reach',
  ]);
});
