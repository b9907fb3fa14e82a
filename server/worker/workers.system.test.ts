import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Telemetry, topicOf } from '@flotilla/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectServerClient, disconnect } from '../mqtt/server-client.ts';
import { statusFilters, telemetryFilters } from '../mqtt/worker-filters.ts';
import { revokeCertificates } from '../services/devices/revoke-certificates.ts';
import { testDatabase } from '../testing/database.ts';
import { enrollDeps, enrollTestDevice } from '../testing/enrollment.ts';
import { recordingLogger } from '../testing/logger.ts';
import { startMosquitto, type TestMosquitto } from '../testing/mosquitto.ts';
import { connectDevice, connectServer, deviceOptions } from '../testing/mqtt.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { SpoolDevice, type SpoolWindow } from '../testing/spool-device.ts';
import { startWorkerProcess, type WorkerProcess } from '../testing/worker-process.ts';

const DEVICES = 10;
const CUT_WITHIN_MS = 5_000;
const fixture = join(import.meta.dirname, '../../agent/protocol/fixtures/v1/telemetry.json');
const database = testDatabase();
let pki: TestPki;
let broker: TestMosquitto;
let deps: Awaited<ReturnType<typeof enrollDeps>>;
let ours: TestOrganization;
let window: SpoolWindow;
const workers = new Set<WorkerProcess>();
beforeAll(async () => {
  pki = await testPki();
  broker = await startMosquitto(pki);
  deps = await enrollDeps(database.db(), pki.dir);
  ours = await createTestOrganization(database.db());
  const [first] = Telemetry.parse(JSON.parse(await readFile(fixture, 'utf8'))).windows;
  if (!first) throw new Error('the fixture has a window');
  window = first;
});
afterEach(async () => {
  for (const worker of workers) await worker.kill('SIGTERM');
  workers.clear();
});
afterAll(async () => {
  await broker?.remove();
  await pki.remove();
});

async function work(): Promise<WorkerProcess> {
  const worker = await startWorkerProcess(database.url(), pki, broker);
  workers.add(worker);
  return worker;
}

describe('two workers at a broker with shared subscriptions', () => {
  it('get each message of telemetry once between them, and both everything that the broker keeps', async () => {
    const heard: string[][] = [[], []];
    const clients = heard.flatMap((topics, number) =>
      [statusFilters, telemetryFilters].map((filtersOf, part) =>
        connectServerClient({
          url: broker.serverUrl,
          clientId: `server-${number}-${part}`,
          tls: broker.serverTls,
          logger: recordingLogger().logger,
          now: () => new Date(),
          filtersOf,
          onMessage: async ({ topic, payload }) => void topics.push(`${topic} ${Buffer.from(payload)}`),
        }),
      ),
    );
    const { deviceId } = await enrollTestDevice(deps, ours.owner);
    const [publisher, count] = [await connectServer(broker), 200];
    await publisher.mqtt.publishAsync(topicOf(deviceId, 'session'), 'here', { qos: 1, retain: true });
    await vi.waitFor(() => expect(clients.every(({ connected }) => connected)).toBe(true), 5_000);
    await vi.waitFor(
      () => heard.map((topics) => expect(topics).toEqual([`${topicOf(deviceId, 'session')} here`])),
      5_000,
    );
    for (let number = 0; number < count; number += 1)
      await publisher.mqtt.publishAsync(topicOf(deviceId, 'telemetry'), String(number), { qos: 1 });
    const shares = () =>
      heard.map((topics) => topics.filter((each) => each.startsWith(topicOf(deviceId, 'telemetry'))));
    await vi.waitFor(() => expect(shares().flat().length).toBeGreaterThanOrEqual(count), 5_000);
    expect(new Set(shares().flat()).size).toBe(shares().flat().length);
    for (const share of shares()) expect(share.length).toBeGreaterThan(count / 4);
    await Promise.all([...clients.map(disconnect), publisher.end()]);
  });

  it('lose nothing and store nothing twice while a worker, the broker and the database’s connections are killed', async () => {
    const [victim] = [await work(), await work()];
    const devices: SpoolDevice[] = [];
    for (let number = 0; number < DEVICES; number += 1) {
      const enrolled = await enrollTestDevice(deps, ours.owner, `d${number}`);
      devices.push(
        new SpoolDevice(broker.deviceUrl, enrolled.deviceId, deviceOptions(enrolled), { resendAfterMs: 2_000 }),
      );
    }
    const windows = 300;
    for (let number = 0; number < windows; number += 1) {
      for (const device of devices) device.add({ ...window, startMs: Date.now() - 15_000 });
      if (number === 60) await victim.kill('SIGKILL');
      if (number === 120) await broker.kill();
      if (number === 150) await broker.start();
      if (number === 220) {
        await database.db().$executeRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()`;
      }
      await delay(10);
    }
    await vi.waitFor(() => expect(devices.map(({ heldCount }) => heldCount)).toEqual(devices.map(() => 0)), 90_000);
    for (const device of devices) {
      const rows = await database
        .db()
        .telemetryWindow.findMany({ where: { deviceId: device.id }, select: { seq: true } });
      expect(rows.map(({ seq }) => Number(seq)).sort((a, b) => a - b)).toEqual(
        Array.from({ length: windows }, (_, at) => at + 1),
      );
      await device.end();
    }
  });
});

it('a device that is revoked is cut off within 5 s, also when the worker that keeps the list has just been killed', async () => {
  const [keeper] = [await work()];
  await vi.waitFor(
    async () => expect(await database.db().lease.count({ where: { name: 'broker-revocations' } })).toBe(1),
    10_000,
  );
  await work();
  const enrolled = await enrollTestDevice(deps, ours.owner);
  const client = await connectDevice(broker, enrolled);
  await keeper.kill('SIGKILL');
  const startedAt = performance.now();
  await revokeCertificates(deps, ours.owner, { deviceId: enrolled.deviceId });
  await client.closed;
  expect(performance.now() - startedAt).toBeLessThan(CUT_WITHIN_MS);
  await expect(connectDevice(broker, enrolled)).rejects.toThrow();
});
