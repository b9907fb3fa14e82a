import type { AgentReport } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import { DARK_AFTER_MS, stepUpgrade, type UpgradeDevice, type UpgradeView } from './step.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const old: AgentReport = { version: '1', isUpgradable: true };
const device = (deviceId: string, changes: Partial<UpgradeDevice> = {}): UpgradeDevice => ({
  deviceId,
  state: 'waiting',
  toldAt: null,
  isReachable: true,
  isGone: false,
  wantedOrder: null,
  report: old,
  ...changes,
});
const told = (deviceId: string, changes: Partial<UpgradeDevice> = {}) =>
  device(deviceId, { state: 'told', toldAt: NOW, wantedOrder: 'u', ...changes });
const confirmed = (deviceId: string) => device(deviceId, { state: 'confirmed', wantedOrder: 'u' });
const view = (firstDevices: number, ...devices: UpgradeDevice[]): UpgradeView => ({
  id: 'u',
  version: '2',
  firstDevices,
  devices,
});
const step = (firstDevices: number, ...devices: UpgradeDevice[]) => {
  const { failed, ...rest } = stepUpgrade(view(firstDevices, ...devices), NOW);
  const said = { ...rest, failed: failed.map(({ deviceId }) => deviceId) };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null && value.length > 0));
};
const back = { code: 'upgrade.crashed', detail: 'd', retry: 'never' } as const;

describe('an upgrade of agents', () => {
  it.each([
    [
      'begins with the first, reachable ones',
      step(1, device('a', { isReachable: false }), device('b'), device('c')),
      { tell: ['b'] },
    ],
    ['waits for a reachable one', step(1, device('a', { isReachable: false })), {}],
    ['begins with a few', step(2, device('a'), device('b'), device('c')), { tell: ['a', 'b'] }],
    ['waits for the first', step(1, told('a'), device('b')), {}],
    [
      'goes on to all others when the first confirmed',
      step(
        1,
        told('a', { report: { ...old, version: '2', phase: 'active' } }),
        device('b'),
        device('c', { isReachable: false }),
      ),
      { confirmed: ['a'], tell: ['b', 'c'] },
    ],
    [
      'does not take a trial for a confirmation',
      step(1, told('a', { report: { ...old, version: '2', phase: 'observing' } }), device('b')),
      {},
    ],
    [
      'stops at the first that went back, and takes back what others were told',
      step(
        1,
        confirmed('a'),
        told('b', { report: { ...old, phase: 'reverted', order: 'u', reason: back } }),
        told('c'),
        device('d'),
      ),
      { failed: ['b'], withdraw: ['c', 'd'], end: 'stopped' },
    ],
    [
      'does not stop for one that will try again',
      step(1, told('a', { report: { ...old, phase: 'reverted', order: 'u', reason: { ...back, retry: 'later' } } })),
      {},
    ],
    [
      'does not hear of what another order did',
      step(1, told('a', { report: { ...old, phase: 'reverted', order: 'older', reason: back } })),
      {},
    ],
    [
      'has another take the place of one that went dark',
      step(1, told('a', { isReachable: false, toldAt: new Date(NOW.getTime() - DARK_AFTER_MS - 1) }), device('b')),
      { tell: ['b'] },
    ],
    ['gives one that is restarting its time', step(1, told('a', { isReachable: false }), device('b')), {}],
    ['says again what was lost', step(1, told('a', { wantedOrder: null })), { tell: ['a'] }],
    [
      'leaves a device to a newer order, or that has left',
      step(1, told('a', { wantedOrder: 'newer' }), device('b', { isGone: true })),
      { superseded: ['a', 'b'], end: 'done' },
    ],
    [
      'needs not tell one that runs it already',
      step(1, device('a', { report: { ...old, version: '2' } })),
      { confirmed: ['a'], end: 'done' },
    ],
    ['is done when all confirmed', step(3, confirmed('a'), confirmed('b')), { end: 'done' }],
    [
      'waits for a dark one after the first',
      step(1, confirmed('a'), told('b', { isReachable: false, toldAt: new Date(0) })),
      {},
    ],
  ])('%s', (_, said, expected) => expect(said).toEqual(expected));
});
