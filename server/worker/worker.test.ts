import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CreateRollout, createRollout } from '../services/rollouts/create-rollout.ts';
import { startTestBroker, type TestBroker } from '../testing/broker.ts';
import { testDatabase } from '../testing/database.ts';
import { enrollTestDevice } from '../testing/enrollment.ts';
import { demoRelease, removeArtifacts, type TestDeps, testDeps } from '../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { freePort } from '../testing/ports.ts';
import { WireDevice } from '../testing/wire-device.ts';
import { startTestWorker, type TestWorker } from '../testing/worker.ts';

const database = testDatabase();
const PATIENCE_MS = 10_000;
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let broker: TestBroker;
let device: WireDevice;
const workers = new Set<TestWorker>();
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, () => new Date());
  broker = await startTestBroker({ databaseUrl: database.url(), pki });
});
afterAll(async () => {
  await broker.close();
  await removeArtifacts(deps);
  await pki.remove();
});
beforeEach(async () => {
  ours = await createTestOrganization(database.db());
});
afterEach(async () => {
  await stopAll();
  await device.client.end();
});

/** Starts a worker; it ends with the test when it has not before. */
async function work(at = broker): Promise<TestWorker> {
  const { stop, lines } = await startTestWorker({ databaseUrl: database.url(), pki, broker: at });
  const worker = {
    lines,
    stop: () => {
      workers.delete(worker);
      return stop();
    },
  };
  workers.add(worker);
  return worker;
}
const stopAll = () => Promise.all([...workers].map((worker) => worker.stop()));
const join = async (name = 'a') => WireDevice.connect(broker, await enrollTestDevice(deps, ours.owner, name));
const rowOf = (id = device.id) => database.db().device.findUniqueOrThrow({ where: { id } });
const storedOf = async (deviceId = device.id) => ({
  events: (await database.db().deviceEvent.findMany({ where: { deviceId } })).map(({ seq }) => Number(seq)).sort(),
  windows: (await database.db().telemetryWindow.findMany({ where: { deviceId } })).map(({ seq }) => Number(seq)).sort(),
});
const upTo = (newest: number) => Array.from({ length: newest }, (_, at) => at + 1);
const documentOf = (deviceId = device.id) => database.db().desiredState.findUniqueOrThrow({ where: { deviceId } });
const stateOf = async (id: string) => (await database.db().rollout.findUniqueOrThrow({ where: { id } })).state;
const eventually = (check: () => Promise<void> | void) => vi.waitFor(check, PATIENCE_MS);

/** A rollout of a demo model to the one device of the organization, without a bake. */
async function rollOut(): Promise<{ id: string; releaseId: string }> {
  const release = await demoRelease(deps, ours.owner, '1.0.0');
  const waves = [{ name: 'All', size: { percent: 100 }, bake: { seconds: 0 } }];
  const input = CreateRollout.parse({ releaseId: release.id, start: true, plan: { waves } });
  return { ...(await createRollout(deps, ours.owner, input)), releaseId: release.id };
}
/** The device does as its newest document says. */
async function obey(releaseId: string): Promise<void> {
  await eventually(() => expect(device.documents()).not.toEqual([]));
  const { slots } = await documentOf();
  const { deployment } = (slots as Record<string, { deployment: string }>).default ?? { deployment: '' };
  const [modelName, modelVersion, sha256, since] = ['vibration-fault', '1.0.0', 'ab'.repeat(32), Date.now()];
  await device.reports({
    phase: 'active',
    deployment,
    releaseId,
    serving: { releaseId, modelName, modelVersion, sha256, since },
  });
}

describe('what a device says', () => {
  it('is stored once, however often it comes, and acknowledged when it is stored', async () => {
    await work();
    device = await join();
    for (const newest of [1, 2, 3]) {
      for (let seq = 1; seq <= newest; seq += 1) {
        await device.sendsEvent(seq);
        await device.sendsWindow(seq);
      }
      await device.untilAcknowledged({ eventSeq: newest, telemetrySeq: newest });
      expect(device.acknowledged()).toEqual({ boot: device.boot, eventSeq: newest, telemetrySeq: newest });
      expect(await storedOf()).toEqual({ events: upTo(newest), windows: upTo(newest) });
    }
    expect(await rowOf()).toMatchObject({ online: true });
    await device.reports({ phase: 'downloading' });
    await eventually(async () =>
      expect(await database.db().deviceSlot.findMany({ where: { deviceId: device.id } })).toMatchObject([
        { slot: 'default', phase: 'downloading' },
      ]),
    );
    await device.vanish();
    await eventually(async () => expect(await rowOf()).toMatchObject({ online: false }));
  });

  it('while no worker runs is known to the next one, as far as the broker keeps it', async () => {
    device = await join();
    await device.reports({ phase: 'staging' });
    await work();
    await eventually(async () => {
      expect(await rowOf()).toMatchObject({ online: true });
      const [slot] = await database.db().deviceSlot.findMany({ where: { deviceId: device.id } });
      expect(slot?.phase).toBe('staging');
    });
  });

  it('and waits to be added up, the next worker adds up', async () => {
    await work();
    device = await join();
    await device.sendsWindow(1);
    await device.untilAcknowledged({ telemetrySeq: 1 });
    await stopAll();
    const waiting = async () =>
      (await database.db().$queryRaw<{ n: number }[]>`SELECT count(*)::int AS n FROM telemetry_added`)[0]?.n;
    expect(await waiting()).toBeGreaterThan(0);
    await work();
    await eventually(async () => expect(await waiting()).toBe(0));
    const hours = await database.db().$queryRaw`
      SELECT sum(windows)::int AS windows FROM telemetry_hour WHERE device_id = ${device.id}::uuid`;
    expect(hours).toEqual([{ windows: 1 }]);
  });

  it('is not heard again from a broker that keeps it, when the device has long been gone', async () => {
    const first = await work();
    const gone = await join('gone');
    await gone.reports({ phase: 'idle' });
    await gone.vanish();
    await eventually(async () => expect(await rowOf(gone.id)).toMatchObject({ online: false }));
    await first.stop();
    const { lastHeardAt } = await rowOf(gone.id);
    await work();
    device = await join('present');
    await device.sendsEvent(1);
    await device.untilAcknowledged({ eventSeq: 1 });
    expect((await rowOf(gone.id)).lastHeardAt).toEqual(lastHeardAt);
  });

  it('can be heard while a worker has a broker, which is noted, and not while it has none', async () => {
    await database.db().listening.deleteMany();
    device = await join();
    const deaf = await work({ ...broker, serverUrl: `mqtts://127.0.0.1:${await freePort()}` });
    await eventually(() => expect(deaf.lines.some(({ msg }) => msg.includes('broker connection failed'))).toBe(true));
    expect(await database.db().listening.count()).toBe(0);
    await work();
    await eventually(async () => expect(await database.db().listening.count()).toBe(1));
  });

  it('is stored also after every connection to the database broke', async () => {
    await work();
    device = await join();
    await device.sendsEvent(1);
    await device.untilAcknowledged({ eventSeq: 1 });
    await database.db().$executeRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    await device.sendsEvent(2);
    await device.untilAcknowledged({ eventSeq: 2 });
    expect((await storedOf()).events).toEqual([1, 2]);
    await rollOut();
    await eventually(() => expect(device.documents()).toHaveLength(1));
  });
});

describe('a rollout', () => {
  it('goes its way by itself: the device is told by a retained document, and its report ends it', async () => {
    await work();
    device = await join();
    const { id, releaseId } = await rollOut();
    await obey(releaseId);
    const { jws } = await documentOf();
    expect(device.documents()).toEqual([{ jws, isRetained: false }]);
    await eventually(async () => expect(await stateOf(id)).toBe('succeeded'));
    await device.client.end();
    device = await WireDevice.connect(broker, device.enrolled);
    await eventually(() => expect(device.documents()).toEqual([{ jws, isRetained: true }]));
  });

  it('is told when the next tick looks, though a garbled notification came before', async () => {
    await work();
    device = await join();
    for (const payload of ['', '{', '[]', '{"kind":"outbox","id":7}']) {
      await database.db().$executeRaw`SELECT pg_notify('flotilla_work', ${payload})`;
    }
    await rollOut();
    await eventually(() => expect(device.documents()).toHaveLength(1));
  });

  it('is there again after the broker lost its memory', async () => {
    const lost = await startTestBroker({ databaseUrl: database.url(), pki });
    await work(lost);
    device = await WireDevice.connect(lost, await enrollTestDevice(deps, ours.owner));
    await rollOut();
    await eventually(() => expect(device.documents()).toHaveLength(1));
    await lost.close();
    const serverPort = Number(new URL(lost.serverUrl).port);
    const empty = await startTestBroker({ databaseUrl: database.url(), pki, serverPort });
    await device.client.end();
    device = await WireDevice.connect(empty, device.enrolled);
    const { jws } = await documentOf();
    await eventually(() => expect(device.documents().map((each) => each.jws)).toEqual([jws]));
    await device.sendsEvent(1);
    await device.untilAcknowledged({ eventSeq: 1 });
    await stopAll();
    await empty.close();
  });
});

describe('two workers', () => {
  it('store once, decide once and tell once what both see', async () => {
    await Promise.all([work(), work()]);
    device = await join();
    for (const seq of [1, 2, 3]) await device.sendsEvent(seq);
    await device.sendsWindow(1);
    const { id, releaseId } = await rollOut();
    await obey(releaseId);
    await eventually(async () => expect(await stateOf(id)).toBe('succeeded'));
    await device.untilAcknowledged({ eventSeq: 3, telemetrySeq: 1 });
    expect(await storedOf()).toEqual({ events: [1, 2, 3], windows: [1] });
    const decisions = await database
      .db()
      .rolloutDecision.findMany({ where: { rolloutId: id }, orderBy: { id: 'asc' } });
    expect(decisions.map(({ kind }) => kind)).toEqual([
      'create',
      'start',
      'start-wave',
      'notify',
      'bake-wave',
      'pass-wave',
      'finish',
    ]);
    expect(new Set(device.documents().map(({ jws }) => jws))).toEqual(new Set([(await documentOf()).jws]));
    expect((await documentOf()).generation).toBe(1);
  });

  it('go on when one of them stops, the one with the lease too', async () => {
    const [one, other] = [await work(), await work()];
    device = await join();
    await eventually(async () =>
      expect(await database.db().lease.count({ where: { name: 'rollout-engine' } })).toBe(1),
    );
    await one.stop();
    await device.sendsEvent(1);
    await device.untilAcknowledged({ eventSeq: 1 });
    await rollOut();
    await eventually(() => expect(device.documents()).toHaveLength(1));
    expect(other.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
