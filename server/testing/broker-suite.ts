import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { EnrollDeps } from '../services/enrollment/enroll-device.ts';
import { startTestBroker, type TestBroker } from './broker.ts';
import { testDatabase } from './database.ts';
import { type EnrolledDevice, enrollDeps, enrollTestDevice } from './enrollment.ts';
import { connectServer, type TestClient } from './mqtt.ts';
import { createTestOrganization, type TestOrganization } from './organizations.ts';
import { type TestPki, testPki } from './pki.ts';

/** What a client got on a topic. */
export const texts = (client: TestClient, topic: string) =>
  client.received.filter((message) => message.topic === topic).map(({ text }) => text);

/** What came before this message has arrived too. */
export async function flush(via: TestClient, to: TestClient, topic: string): Promise<void> {
  const mark = randomBytes(8).toString('hex');
  await via.mqtt.publishAsync(topic, mark, { qos: 1 });
  await vi.waitFor(() => expect(texts(to, topic)).toContain(mark), 5_000);
}

/** For a file of tests the real broker and an organization; for each test a server that hears everything. */
export function brokerSuite() {
  const database = testDatabase();
  const suite = {
    database,
    pki: undefined as unknown as TestPki,
    deps: undefined as unknown as EnrollDeps,
    ours: undefined as unknown as TestOrganization,
    broker: undefined as unknown as TestBroker,
    server: undefined as unknown as TestClient,
    async twoDevices(): Promise<[EnrolledDevice, EnrolledDevice]> {
      return [
        await enrollTestDevice(suite.deps, suite.ours.owner),
        await enrollTestDevice(suite.deps, suite.ours.owner),
      ];
    },
    /** What the broker refused of a device, as it was counted. */
    refusedOf: async (deviceId: string) =>
      (await database.db().refusedMessage.findMany({ where: { deviceId } })).map(({ kind, code }) => `${kind} ${code}`),
  };
  beforeAll(async () => {
    suite.pki = await testPki();
    suite.deps = await enrollDeps(database.db(), suite.pki.dir);
    suite.ours = await createTestOrganization(database.db());
    suite.broker = await startTestBroker({ databaseUrl: database.url(), pki: suite.pki });
  });
  afterAll(async () => {
    await suite.broker?.close();
    await suite.pki?.remove();
  });
  beforeEach(async () => {
    suite.server = await connectServer(suite.broker, `server-${randomBytes(4).toString('hex')}`);
    await suite.server.mqtt.subscribeAsync('flotilla/v1/#', { qos: 1 });
  });
  afterEach(() => suite.server.end());
  return suite;
}
