import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { topicOf } from '@flotilla/protocol';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { inTenant } from '../db/scope.ts';
import { issueDesired } from '../services/devices/issue-desired.ts';
import { startTestBroker, type TestBroker } from '../testing/broker.ts';
import { testDatabase } from '../testing/database.ts';
import { enrollTestDevice } from '../testing/enrollment.ts';
import { removeArtifacts, type TestDeps, testDeps } from '../testing/fleet.ts';
import { connectServer } from '../testing/mqtt.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { WireDevice } from '../testing/wire-device.ts';
import { startTestWorker, type TestWorker } from '../testing/worker.ts';

const database = testDatabase();
/** On a machine that is busy; a worker that hangs does not end at all. */
const STOP_WITHIN_MS = 20_000;
const PATIENCE_MS = 10_000;
/** The smallest document is longer. */
const DOCUMENT_BYTES = 400;
let pki: TestPki;
let deps: TestDeps;
let ours: TestOrganization;
let broker: TestBroker;
let device: WireDevice;
let admin: pg.Client;
const workers = new Set<TestWorker>();
beforeAll(async () => {
  pki = await testPki();
  deps = await testDeps(database.db(), pki.dir, () => new Date());
  ours = await createTestOrganization(database.db());
  admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
});
beforeEach(async () => {
  broker = await startTestBroker({ databaseUrl: database.url(), pki });
  device = await WireDevice.connect(broker, await enrollTestDevice(deps, ours.owner, uuidv7()));
});
afterEach(async () => {
  await Promise.all([...workers].map((worker) => worker.stop()));
  await device.client.end();
  await broker.close();
});
afterAll(async () => {
  await admin.end();
  await removeArtifacts(deps);
  await pki.remove();
});

/** Starts a worker; it ends with the test when it has not before. */
async function work(at: Pick<TestBroker, 'serverUrl' | 'serverTls'> = broker): Promise<TestWorker> {
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
const eventually = <T>(check: () => Promise<T> | T) => vi.waitFor(check, PATIENCE_MS);
const says = ({ lines }: TestWorker, beginning: string) =>
  eventually(() => expect(lines.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(`^${beginning}`)));
const complaintsOf = ({ lines }: TestWorker) => lines.filter(({ level }) => level === 'error' || level === 'warn');
const storedEvents = async () =>
  (await database.db().deviceEvent.findMany({ where: { deviceId: device.id } })).map(({ seq }) => Number(seq)).sort();
async function sendsAndIsHeard(seq: number): Promise<void> {
  await device.sendsEvent(seq);
  await device.untilAcknowledged({ eventSeq: seq });
}
async function endsInTime(stopped: Promise<void>): Promise<void> {
  const late = new Promise<string>((resolve) => setTimeout(resolve, STOP_WITHIN_MS, 'still running'));
  expect(await Promise.race([stopped.then(() => 'stopped'), late])).toBe('stopped');
}
/** The open connections of this process, whatever they are for. */
const connections = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

type HangingBroker = {
  at: Pick<TestBroker, 'serverUrl' | 'serverTls'>;
  mute: () => void;
  swallowedBytes: () => number;
  end: () => void;
};
/** Stands before the broker; once it is mute it takes everything and passes on nothing, as a broker that hangs. */
async function hangingBroker(): Promise<HangingBroker> {
  const sockets: Socket[] = [];
  let swallowedBytes = 0;
  const { port, hostname } = new URL(broker.serverUrl);
  const server = createServer((outer) => {
    const inner = connect(Number(port), hostname);
    outer.pipe(inner).pipe(outer);
    outer.on('close', () => inner.destroy());
    for (const socket of [outer, inner]) sockets.push(socket.on('error', () => undefined));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const count = (chunk: Buffer) => {
    swallowedBytes += chunk.length;
  };
  return {
    at: { serverTls: broker.serverTls, serverUrl: `mqtts://127.0.0.1:${(server.address() as AddressInfo).port}` },
    mute: () => {
      for (const socket of sockets) socket.unpipe().on('data', count).resume();
    },
    swallowedBytes: () => swallowedBytes,
    end: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('a worker that is stopped', () => {
  it('commits first what it has received, and the next one acknowledges it', async () => {
    const worker = await work();
    await sendsAndIsHeard(1);
    const holder = new pg.Client({ connectionString: database.url() });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM device WHERE id = $1 FOR UPDATE', [device.id]);
    await device.sendsEvent(2);
    const name = new URL(database.url()).pathname.slice(1);
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`;
    await eventually(async () => expect((await admin.query(waiting, [name])).rows).toHaveLength(1));
    const observer = await connectServer(broker);
    await observer.mqtt.subscribeAsync(topicOf(device.id, 'events'), { qos: 1 });
    await device.sendsEvent(3);
    await eventually(() => expect(observer.received).not.toEqual([]));
    await observer.end();
    const stopped = worker.stop();
    await eventually(async () => expect(await database.db().lease.count()).toBe(0));
    await holder.query('COMMIT');
    await holder.end();
    await endsInTime(stopped);
    expect(complaintsOf(worker)).toEqual([]);
    expect(await storedEvents()).toEqual([1, 2, 3]);
    await work();
    await device.untilAcknowledged({ eventSeq: 3 });
    expect(await storedEvents()).toEqual([1, 2, 3]);
  });

  it('gives the engine’s lease back', async () => {
    const worker = await work();
    await eventually(async () =>
      expect(await database.db().lease.count({ where: { name: 'rollout-engine' } })).toBe(1),
    );
    await worker.stop();
    expect(await database.db().lease.count()).toBe(0);
  });

  it('leaves no connection open and complains of nothing, at whatever moment it is stopped', async () => {
    const before = connections();
    for (const turns of [0, 1, 3, 10, 30, 100, 300]) {
      const worker = await work();
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      await endsInTime(worker.stop());
      expect(complaintsOf(worker)).toEqual([]);
    }
    await eventually(() => expect(connections()).toBeLessThanOrEqual(before));
  });

  it('ends in time when the broker is away', async () => {
    const worker = await work();
    await sendsAndIsHeard(1);
    await broker.close();
    await says(worker, 'broker connection failed');
    await endsInTime(worker.stop());
  });

  it('ends in time when the broker hangs, and the next one publishes what did not arrive', async () => {
    const hanging = await hangingBroker();
    const worker = await work(hanging.at);
    await sendsAndIsHeard(1);
    hanging.mute();
    await inTenant(database.db(), ours.organizationId, (scope) =>
      issueDesired(deps, scope, [{ deviceId: device.id, slot: 'default', wanted: null }]),
    );
    await eventually(() => expect(hanging.swallowedBytes()).toBeGreaterThan(DOCUMENT_BYTES));
    await endsInTime(worker.stop());
    hanging.end();
    expect(device.documents()).toEqual([]);
    await work();
    await eventually(() => expect(device.documents()).toHaveLength(1));
  });

  it('ends in time when the database is away, and loses nothing that the device has still', async () => {
    const worker = await work();
    await sendsAndIsHeard(1);
    const name = new URL(database.url()).pathname.slice(1);
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    await device.sendsEvent(2);
    await says(worker, 'could not commit a batch');
    await endsInTime(worker.stop());
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    expect(await storedEvents()).toEqual([1]);
    await work();
    await device.untilAcknowledged({ eventSeq: 2 });
    expect(await storedEvents()).toEqual([1, 2]);
  });
});
