import { topicOf } from '@flotilla/protocol';
import type { IClientPublishOptions } from 'mqtt';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { republishAll } from '../db/outbox.ts';
import { inTenant } from '../db/scope.ts';
import { decommissionDevice } from '../services/devices/decommission-device.ts';
import { issueDesired } from '../services/devices/issue-desired.ts';
import { startTestBroker, type TestBroker } from '../testing/broker.ts';
import { testDatabase } from '../testing/database.ts';
import { type EnrolledDevice, enrollDeps, enrollTestDevice } from '../testing/enrollment.ts';
import { connectDevice, connectServer, type TestClient } from '../testing/mqtt.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { publishOutbox } from './publish-outbox.ts';

const database = testDatabase();
let pki: TestPki;
let deps: Awaited<ReturnType<typeof enrollDeps>> & { telemetryWindowS: number };
let ours: TestOrganization;
let broker: TestBroker;
let server: TestClient;
let [a, b]: EnrolledDevice[] = [];
beforeAll(async () => {
  pki = await testPki();
  deps = { ...(await enrollDeps(database.db(), pki.dir)), telemetryWindowS: 15 };
  ours = await createTestOrganization(database.db());
  broker = await startTestBroker({ databaseUrl: database.url(), pki });
});
beforeEach(async () => {
  await database.db().outbox.deleteMany();
  await database.db().desiredState.deleteMany();
  [a, b] = [await enrollTestDevice(deps, ours.owner, uuidv7()), await enrollTestDevice(deps, ours.owner, uuidv7())];
  server = await connectServer(broker);
});
afterEach(() => server.end());
afterAll(async () => {
  await broker.close();
  await pki.remove();
});

const idOf = (device: EnrolledDevice | undefined) => device?.deviceId ?? '';
const issued: string[] = [];
/** One more generation for a device, in a transaction that lasts until `until`. */
const issue = (device: EnrolledDevice | undefined, until: Promise<void> = Promise.resolve()) =>
  inTenant(database.db(), ours.organizationId, async (scope) => {
    await issueDesired(deps, scope, [{ deviceId: idOf(device), slot: 'default', wanted: null }]);
    issued.push(idOf(device));
    await until;
  });
const jwsOf = async (device: EnrolledDevice | undefined) =>
  (await database.db().desiredState.findUniqueOrThrow({ where: { deviceId: idOf(device) } })).jws;
const inOutbox = async () => (await database.db().outbox.findMany()).map(({ deviceId }) => deviceId);
/** What a device finds when it connects now. */
async function found(device: EnrolledDevice | undefined) {
  if (!device) throw new Error('no device');
  const client = await connectDevice(broker, device);
  await client.mqtt.subscribeAsync([topicOf(device.deviceId, 'desired'), topicOf(device.deviceId, 'ack')], { qos: 1 });
  await server.mqtt.publishAsync(topicOf(device.deviceId, 'ack'), 'that is all', { qos: 1 });
  await vi.waitFor(() => expect(client.received.at(-1)?.text).toBe('that is all'), 5_000);
  await client.end();
  return client.received.slice(0, -1).map(({ text, retain }) => ({ text, retain }));
}
function gate(): { opens: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opens: promise, open: () => resolve() };
}
/** The same connection, on which nothing gets through before the gate opens. `isFull` when something waits at it. */
function slow(opens: Promise<void>) {
  const isFull = gate();
  const publishAsync = async (topic: string, message: string | Buffer, options?: IClientPublishOptions) => {
    isFull.open();
    await opens;
    return server.mqtt.publishAsync(topic, message, options);
  };
  return { client: { connected: true, publishAsync }, isFull: isFull.opens };
}

describe('what waits in the outbox', () => {
  it('is published retained, each device’s newest document once, and forgotten', async () => {
    for (const device of [a, b, a]) await issue(device);
    expect(await publishOutbox(database.db(), server.mqtt)).toBe(2);
    for (const device of [a, b]) expect(await found(device)).toEqual([{ text: await jwsOf(device), retain: true }]);
    expect(await inOutbox()).toEqual([]);
    expect(await publishOutbox(database.db(), server.mqtt)).toBe(0);
  });

  it('is published to the last, however much it is, and what has no document holds nothing up', async () => {
    const row = { organizationId: ours.organizationId, kind: 'desired' };
    await issue(a);
    const nobody = Array.from({ length: 500 }, () => ({ ...row, deviceId: uuidv7() }));
    await database.db().outbox.createMany({ data: nobody });
    await issue(b);
    expect(await publishOutbox(database.db(), server.mqtt)).toBe(2);
    expect(await found(b)).toHaveLength(1);
    expect(await inOutbox()).toEqual([]);
  });

  it('stays there while the broker is away, or closes the connection', async () => {
    await issue(a);
    const gone = await connectServer(broker, 'server-gone');
    await gone.end();
    expect(await publishOutbox(database.db(), gone.mqtt)).toBe(0);
    await expect(
      publishOutbox(database.db(), { connected: true, publishAsync: gone.mqtt.publishAsync.bind(gone.mqtt) }),
    ).rejects.toThrow();
    expect(await inOutbox()).toEqual([idOf(a)]);
    expect(await found(a)).toEqual([]);
  });

  it('is not forgotten when it was committed while later documents were on their way', async () => {
    const [commit, network] = [gate(), gate()];
    const late = issue(a, commit.opens);
    await vi.waitFor(() => expect(issued).toContain(idOf(a)), 5_000);
    await issue(b);
    const { client, isFull } = slow(network.opens);
    const publishing = publishOutbox(database.db(), client);
    await isFull;
    commit.open();
    await late;
    network.open();
    expect(await publishing).toBe(1);
    expect(await inOutbox()).toEqual([idOf(a)]);
    expect(await publishOutbox(database.db(), server.mqtt)).toBe(1);
    for (const device of [a, b]) expect(await found(device)).toEqual([{ text: await jwsOf(device), retain: true }]);
  });

  it('of a slow worker does not leave an older document behind the newer one of another worker', async () => {
    const network = gate();
    await issue(a);
    const { client, isFull } = slow(network.opens);
    const late = publishOutbox(database.db(), client);
    await isFull;
    await issue(a);
    expect(await publishOutbox(database.db(), server.mqtt)).toBe(1);
    network.open();
    await late;
    expect(await found(a)).toEqual([{ text: await jwsOf(a), retain: true }]);
    expect(await inOutbox()).toEqual([]);
  });
});

it('everything is put there again for a broker that forgot it, except what is for decommissioned devices', async () => {
  for (const device of [a, b]) await issue(device);
  await publishOutbox(database.db(), server.mqtt);
  await decommissionDevice(deps, ours.owner, { deviceId: idOf(b) });
  await republishAll(database.db());
  expect(await inOutbox()).toEqual([idOf(a)]);
});
