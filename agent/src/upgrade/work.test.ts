import { beforeEach, expect, test } from 'vitest';
import { MemoryFileSystem } from '../state/testing/memory-file-system.ts';
import { ArtifactStore } from '../store/artifact-store.ts';
import { SLOWEST } from '../store/download.ts';
import { uuid } from '../testing/release.ts';
import { until } from '../testing/wait.ts';
import { readLaunchNote, writeLaunchNote } from './launch-note.ts';
import { noUpgrade, type UpgradeState, type UpgradeTarget } from './state.ts';
import { createUpgradeWork } from './work.ts';

const DIR = '/data/agent';
const program = 'a'.repeat(64);

let fs: MemoryFileSystem;
let device: { isConnected: boolean; serving: string[] };
beforeEach(async () => {
  fs = new MemoryFileSystem();
  await writeLaunchNote(fs, DIR, { confirmed: 'installed', trial: { program, starts: 1, seconds: 60 } });
  device = { isConnected: true, serving: ['default'] };
});

/** The work of a new agent on trial that has to hold for `stableS`, and has `confirmWithinS` besides. */
function observe({ confirmWithinS = 60, stableS = 1 }: Partial<UpgradeTarget> = {}): Promise<unknown> {
  const work = createUpgradeWork({
    fs,
    store: new ArtifactStore(fs, '/data/artifacts'),
    open: () => Promise.reject(new Error('nothing is fetched')),
    slowest: SLOWEST,
    dataDir: '/data',
    dir: DIR,
    isUpgradable: true,
    freeBytes: async () => 0,
    serving: () => device.serving,
    isConnected: () => device.isConnected,
    isChanging: () => false,
    whenCommitted: async () => {},
    restart: () => {},
  });
  const about = { sha256: program, sizeBytes: 1, unpackedBytes: 1 };
  const target = { order: uuid(1), version: '2.0.0', confirmWithinS, stableS, package: about };
  const state: UpgradeState = { ...noUpgrade(0), phase: 'observing', target, served: ['default'] };
  return work('observing', state, new AbortController().signal, () => {});
}
const isOnTrial = async () => (await readLaunchNote(fs, DIR)).trial !== undefined;

test('it is confirmed when it has served and been connected for as long as it must, and not before', async () => {
  const startedMs = performance.now();
  const observed = observe();
  await new Promise(setImmediate);
  expect(await isOnTrial()).toBe(true);
  await observed;
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(1_000);
  expect(await readLaunchNote(fs, DIR)).toEqual({ confirmed: program });
});

const breaks = {
  connection: () => {
    device.isConnected = false;
  },
  slot: () => {
    device.serving = [];
  },
};
const mends = () => {
  device = { isConnected: true, serving: ['default'] };
};

test.each([
  ['a lost connection', breaks.connection],
  ['a slot that does not serve', breaks.slot],
] as const)('after %s the time begins anew', async (_, breakIt) => {
  const observed = observe({ stableS: 2 });
  const startedMs = performance.now();
  await until('it is on trial for a while', () => performance.now() - startedMs > 1_000);
  breakIt();
  await until('that was seen', () => performance.now() - startedMs > 1_600);
  mends();
  const mendedMs = performance.now();
  await observed;
  expect(performance.now() - mendedMs).toBeGreaterThan(1_000);
  expect(await isOnTrial()).toBe(false);
});

test.each([
  ['upgrade.no_server', breaks.connection],
  ['upgrade.slots', breaks.slot],
] as const)('what stays broken when all time is over has it go back: %s', async (code, breakIt) => {
  const observed = observe({ confirmWithinS: 1 });
  setTimeout(breakIt, 300);
  await expect(observed).rejects.toMatchObject({ code });
  expect(await isOnTrial()).toBe(true);
});
