import { expect, test } from 'vitest';
import { emptySlot } from '../slot/state.ts';
import { MemoryFileSystem } from '../state/testing/memory-file-system.ts';
import { ArtifactStore } from '../store/artifact-store.ts';
import { makeSlot } from '../testing/release.ts';
import { withinWindow } from './download-window.ts';

const window = { cron: '0 2 * * *', timeZone: 'UTC', minutes: 60 };
const [CLOSED, OPEN] = [Date.parse('2026-07-01T20:00:00Z'), Date.parse('2026-07-02T02:30:00Z')];
const slot = { ...makeSlot(1), download: { window } };
const state = { ...emptySlot(CLOSED), target: slot };
const never = new AbortController().signal;
const portsAt = (nowMs: number) => ({ store: new ArtifactStore(new MemoryFileSystem(), '/d'), now: () => nowMs });

test('outside of its window nothing is fetched', async () => {
  const fetched: unknown[] = [];
  const work = withinWindow(state, portsAt(CLOSED), slot.release.files, never, async () => void fetched.push(1));
  await expect(work).rejects.toMatchObject({ code: 'window.download' });
  expect(fetched).toEqual([]);
});

test('in its window it is fetched, and what is held already needs no window', async () => {
  await withinWindow(state, portsAt(OPEN), slot.release.files, never, async () => {});
  await withinWindow(state, portsAt(CLOSED), [], never, async () => {});
});

test('a failure within the window stays the failure that it was', async () => {
  const work = withinWindow(state, portsAt(OPEN), slot.release.files, never, () => Promise.reject(new Error('cut')));
  await expect(work).rejects.toThrow('cut');
});
