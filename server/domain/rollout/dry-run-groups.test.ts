import { expect, it } from 'vitest';
import type { DryRunDevice } from './dry-run.ts';
import { groupDryRun } from './dry-run-groups.ts';

const device: Omit<DryRunDevice, 'verdict'> = {
  deviceId: 'd',
  name: 'd',
  connectivity: 'online',
  lastHeardAt: null,
  downloadBytes: 0,
  blocked: null,
};
const reason = { code: 'release.opset' as const, detail: 'needs 21' };
const [soon, late] = [new Date(1_000), new Date(2_000)];

it('groups devices by what happens to them, and counts bytes of movers only', () => {
  const summary = groupDryRun(
    [
      { ...device, verdict: { kind: 'will-update', wave: 1 }, downloadBytes: 5 },
      { ...device, verdict: { kind: 'will-update', wave: 0 }, downloadBytes: 7 },
      { ...device, verdict: { kind: 'already-there' }, downloadBytes: 100 },
      { ...device, verdict: { kind: 'incompatible', reason } },
      { ...device, verdict: { kind: 'incompatible', reason } },
    ],
    3,
  );
  expect(summary.groups.map(({ key, devices }) => [key, devices.length])).toEqual([
    ['wave 0', 1],
    ['wave 1', 1],
    ['wave 2', 0],
    ['already-there', 1],
    ['incompatible needs 21', 2],
  ]);
  expect(summary).toMatchObject({ moving: 2, totalBytes: 12, deviceBytes: 7 });
});

it('counts movers that are held by the reason, with the soonest end', () => {
  const mover = { ...device, verdict: { kind: 'will-update' as const, wave: 0 } };
  const { blocked } = groupDryRun(
    [
      { ...mover, blocked: { code: 'penalty.box', until: late } },
      { ...mover, blocked: { code: 'penalty.box', until: soon } },
      { ...mover, blocked: { code: 'device.offline', until: null } },
      mover,
    ],
    1,
  );
  expect(blocked).toEqual([
    { code: 'penalty.box', devices: 2, until: soon },
    { code: 'device.offline', devices: 1, until: null },
  ]);
});
