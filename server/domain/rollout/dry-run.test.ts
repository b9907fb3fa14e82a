import type { Release } from '@flotilla/protocol';
import { expect, it } from 'vitest';
import { testRelease } from '../../testing/releases.ts';
import { ago, NOW } from '../../testing/rollout-view.ts';
import { type DryRunTarget, dryRun } from './dry-run.ts';
import { RolloutPlan } from './plan.ts';

const release: Release = testRelease();
const plan = RolloutPlan.parse({
  waves: [
    { name: 'one', size: { count: 1 } },
    { name: 'all', size: { percent: 100 } },
  ],
});
const device = (name: string, more: Partial<DryRunTarget> = {}): DryRunTarget => ({
  deviceId: name,
  name,
  online: true,
  lastHeardAt: ago(5),
  facts: { maxOpset: 21, runtimes: ['process'] },
  servingReleaseId: null,
  ...more,
});

it('says of every device what will become of it, and what it will fetch', () => {
  const targets = [
    device('a', { lastHeardAt: ago(900), online: false }),
    device('b'),
    device('c', { servingReleaseId: release.id }),
    device('d', { facts: { maxOpset: 9 } }),
    device('e', { facts: { runtimes: ['container'] } }),
    device('f', { facts: {}, lastHeardAt: null, online: false }),
  ];
  const rows = dryRun(plan, release, targets, NOW);
  expect(rows.map(({ name, connectivity, downloadBytes }) => [name, connectivity, downloadBytes])).toEqual([
    ['a', 'offline', 300],
    ['b', 'online', 300],
    ['c', 'online', 0],
    ['d', 'online', 0],
    ['e', 'online', 0],
    ['f', 'never-seen', 300],
  ]);
  expect(rows.map(({ verdict }) => verdict)).toMatchObject([
    { kind: 'will-update', wave: 1 },
    { kind: 'will-update', wave: 0 },
    { kind: 'already-there' },
    { kind: 'incompatible', reason: { code: 'release.opset' } },
    { kind: 'incompatible', reason: { code: 'release.runtime' } },
    { kind: 'will-update', wave: 1 },
  ]);
});
