import { describe, expect, it } from 'vitest';
import { findListening, noteListening } from '../../db/listening.ts';
import { demoRelease, onlineDevices } from '../../testing/fleet.ts';
import { type TestFleet, testFleet } from '../../testing/test-fleet.ts';
import { advanceRollout } from './advance-rollout.ts';
import { CreateRollout, createRollout } from './create-rollout.ts';

let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
const fleet = testFleet(async (made) => {
  ({ clock, deps, ours } = made);
  await made.db.listening.deleteMany();
});

const listenFor = async (seconds: number) => {
  for (let second = 0; second < seconds; second += 5) {
    clock.forwardMs(5_000);
    await noteListening(fleet.db, clock.now());
  }
};
/** Two devices that said that they are there, and then nothing; a rollout of two waves. */
async function rollOut(): Promise<string> {
  await onlineDevices(deps, ours.owner, fleet.ingest, 'ab');
  await noteListening(fleet.db, clock.now());
  const waves = [{ name: 'All', size: { percent: 100 }, bake: { seconds: 0 } }];
  const { id: releaseId } = await demoRelease(deps, ours.owner, '1.0.0');
  return (await createRollout(deps, ours.owner, CreateRollout.parse({ releaseId, start: true, plan: { waves } }))).id;
}
const look = async (id: string) => {
  for (let at = 0; at < 20; at += 1) if (!(await advanceRollout(deps, ours.organizationId, id))) return;
};
const statesOf = async (rolloutId: string) =>
  (await fleet.db.deployment.findMany({ where: { rolloutId } })).map(({ state }) => state);

describe('silence', () => {
  it('of devices that nobody listened to is none: the first look after it tells them', async () => {
    const id = await rollOut();
    clock.forwardMs(3_600_000);
    await look(id);
    expect(await statesOf(id)).toEqual(['notified', 'notified']);
  });

  it('begins to count when somebody listens again', async () => {
    const id = await rollOut();
    clock.forwardMs(3_600_000);
    await listenFor(70);
    await look(id);
    expect(await statesOf(id)).toEqual(['queued', 'queued']);
  });

  it('counts while somebody listens', async () => {
    const id = await rollOut();
    await listenFor(65);
    await look(id);
    expect(await statesOf(id)).toEqual(['queued', 'queued']);
  });
});

it('listening goes on over a moment without a worker, and begins anew after more', async () => {
  const start = clock.now();
  await noteListening(fleet.db, start);
  clock.forwardMs(15_000);
  await noteListening(fleet.db, clock.now());
  expect(await findListening(fleet.db)).toEqual({ since: start, until: clock.now() });
  clock.forwardMs(15_001);
  await noteListening(fleet.db, clock.now());
  expect(await findListening(fleet.db)).toEqual({ since: clock.now(), until: clock.now() });
  await noteListening(fleet.db, start);
  expect(await findListening(fleet.db)).toEqual({ since: clock.now(), until: clock.now() });
});
