import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  deviceSubscriptions,
  deviceTopicKinds,
  MAX_STATE_BYTES,
  mayDevicePublish,
  mayDeviceSubscribe,
  serverTopicKinds,
  topicOf,
} from '@flotilla/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { decommissionDevice } from '../../services/devices/decommission-device.ts';
import { revokeCertificates } from '../../services/devices/revoke-certificates.ts';
import { testDatabase } from '../../testing/database.ts';
import { type EnrolledDevice, enrollDeps, enrollTestDevice } from '../../testing/enrollment.ts';
import { recordingLogger } from '../../testing/logger.ts';
import { startMosquitto, type TestMosquitto } from '../../testing/mosquitto.ts';
import { connectDevice, connectServer, connectTo, deviceOptions, type TestClient } from '../../testing/mqtt.ts';
import { createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { type TestPki, testPki } from '../../testing/pki.ts';
import { type KeeperOptions, revocationKeeper } from './revocation-keeper.ts';

const CUT_WITHIN_MS = 5_000;
const database = testDatabase();
let pki: TestPki;
let broker: TestMosquitto;
let deps: Awaited<ReturnType<typeof enrollDeps>>;
let ours: TestOrganization;
let [device, other]: EnrolledDevice[] = [];
beforeAll(async () => {
  pki = await testPki();
  broker = await startMosquitto(pki);
  deps = await enrollDeps(database.db(), pki.dir);
  ours = await createTestOrganization(database.db());
});
afterAll(async () => {
  await broker?.remove();
  await pki.remove();
});
beforeEach(async () => {
  device = await enrollTestDevice(deps, ours.owner);
  other = await enrollTestDevice(deps, ours.owner);
});
const pair = () => {
  if (!device || !other) throw new Error('devices are enrolled before each test');
  return { device, other };
};
const topicsOf = (client: TestClient) => client.received.map(({ topic }) => topic);
const newServer = () => connectServer(broker, `server-${randomBytes(4).toString('hex')}`);

/** Everything sent before has been delivered when this has: MQTT keeps the order of one publisher to one subscriber. */
async function flush(via: TestClient, to: TestClient, topic: string): Promise<void> {
  const mark = randomBytes(8).toString('hex');
  await via.mqtt.publishAsync(topic, mark, { qos: 1 });
  await vi.waitFor(() => expect(to.received.map(({ text }) => text)).toContain(mark), 5_000);
}

describe('what a device may do, shown by what is delivered', () => {
  const withId = (kind: string) => (kind === 'cmd' || kind === 'reply' ? 'a1' : undefined);

  it('is to write its own topics, and nothing else', async () => {
    const { device, other } = pair();
    const [server, client] = [await newServer(), await connectDevice(broker, device)];
    await server.mqtt.subscribeAsync('#', { qos: 1 });
    const kinds = [...deviceTopicKinds, ...serverTopicKinds];
    const tried = [device, other].flatMap(({ deviceId }) =>
      kinds.flatMap((kind) => [topicOf(deviceId, kind), topicOf(deviceId, kind, 'a1')]),
    );
    for (const topic of [...tried, 'flotilla/v1/broker', 'elsewhere', `flotilla/v2/${device.deviceId}/events`])
      await client.mqtt.publishAsync(topic, 'x', { qos: 1 }).catch(() => undefined);
    await flush(client, server, topicOf(device.deviceId, 'events'));
    const arrived = new Set(topicsOf(server));
    expect([...arrived].toSorted()).toEqual(
      tried.filter((topic) => mayDevicePublish(device.deviceId, topic)).toSorted(),
    );
    expect(arrived.size).toBe(deviceTopicKinds.length);
    await Promise.all([server.end(), client.end()]);
  });

  it('is to read what the server writes to it, and nothing else, whatever it subscribes to', async () => {
    const { device, other } = pair();
    const [server, client] = [await newServer(), await connectDevice(broker, device)];
    await client.mqtt.subscribeAsync(['#', '$SYS/#', 'flotilla/v1/+/desired', ...deviceSubscriptions(device.deviceId)]);
    const sent = [device, other].flatMap(({ deviceId }) =>
      [...serverTopicKinds, ...deviceTopicKinds].map((kind) => topicOf(deviceId, kind, withId(kind))),
    );
    for (const topic of sent) await server.mqtt.publishAsync(topic, 'x', { qos: 1 });
    await flush(server, client, topicOf(device.deviceId, 'ack'));
    const readable = serverTopicKinds.map((kind) => topicOf(device.deviceId, kind, withId(kind)));
    expect([...new Set(topicsOf(client))].toSorted()).toEqual(readable.toSorted());
    for (const filter of deviceSubscriptions(device.deviceId))
      expect(mayDeviceSubscribe(device.deviceId, filter)).toBe(true);
    await Promise.all([server.end(), client.end()]);
  });

  it('is no message above the largest that the protocol knows', async () => {
    const { device } = pair();
    const client = await connectDevice(broker, device);
    client.mqtt.publish(topicOf(device.deviceId, 'reported'), Buffer.alloc(2 * MAX_STATE_BYTES), { qos: 1 });
    await client.closed;
  });
});

describe('who may connect', () => {
  it('is nobody without a certificate of the right authority, on either listener', async () => {
    const { device } = pair();
    const { cert: _cert, key: _key, ...bare } = deviceOptions(device);
    await expect(connectTo(broker.deviceUrl, bare)).rejects.toThrow();
    const { ca, cert, key } = broker.serverTls;
    await expect(connectDevice(broker, device, { cert, key })).rejects.toThrow();
    await expect(connectTo(broker.serverUrl, { ...deviceOptions(device), ca })).rejects.toThrow();
  });

  it('is a device as itself alone: under another’s client id it takes nobody’s session', async () => {
    const { device, other } = pair();
    const victim = await connectDevice(broker, other);
    const thief = await connectDevice(broker, device, { clientId: other.deviceId, username: other.deviceId });
    const server = await newServer();
    await server.mqtt.subscribeAsync('flotilla/v1/#', { qos: 1 });
    await thief.mqtt.publishAsync(topicOf(other.deviceId, 'events'), 'stolen', { qos: 1 });
    await flush(victim, server, topicOf(other.deviceId, 'events'));
    expect(server.received.map(({ text }) => text)).not.toContain('stolen');
    await Promise.all([victim.end(), thief.end(), server.end()]);
  });
});

describe('revocation', () => {
  const keeper = (more: Partial<KeeperOptions> = {}) => {
    const { logger, lines } = recordingLogger();
    const look = revocationKeeper({
      db: database.db(),
      now: () => new Date(),
      logger,
      holder: 'the one who keeps the list',
      pkiDir: pki.dir,
      brokerDir: broker.brokerDir,
      hostnames: [],
      deviceUrl: broker.deviceUrl,
      serverUrl: broker.serverUrl,
      tls: broker.serverTls,
      ...more,
    });
    return { look, errors: () => lines.filter(({ level }) => level === 'error').map(({ msg }) => msg) };
  };

  it('ends the live session within 5 s, and keeps the device out; others stay', async () => {
    const { device, other } = pair();
    const { look } = keeper();
    await look();
    const [revoked, untouched] = [await connectDevice(broker, device), await connectDevice(broker, other)];
    const startedAt = performance.now();
    await revokeCertificates(deps, ours.owner, { deviceId: device.deviceId });
    await look();
    await revoked.closed;
    expect(performance.now() - startedAt).toBeLessThan(CUT_WITHIN_MS);
    await expect(connectDevice(broker, device)).rejects.toThrow();
    await untouched.mqtt.publishAsync(topicOf(other.deviceId, 'events'), 'x', { qos: 1 });
    await untouched.end();
  });

  it('of a decommissioned device takes what the broker kept under its name', async () => {
    const { device } = pair();
    const [server, client] = [await newServer(), await connectDevice(broker, device)];
    await client.mqtt.publishAsync(topicOf(device.deviceId, 'session'), 'here', { qos: 1, retain: true });
    await server.mqtt.publishAsync(topicOf(device.deviceId, 'desired'), 'do', { qos: 1, retain: true });
    await decommissionDevice(deps, ours.owner, { deviceId: device.deviceId });
    await keeper().look();
    await client.closed;
    await server.mqtt.subscribeAsync(`flotilla/v1/${device.deviceId}/#`, { qos: 1 });
    await flush(server, server, topicOf(device.deviceId, 'ack'));
    expect(topicsOf(server)).toEqual([topicOf(device.deviceId, 'ack')]);
    await server.end();
  });

  it('outlives the broker: killed and started again, it refuses the same', async () => {
    const { device, other } = pair();
    await revokeCertificates(deps, ours.owner, { deviceId: device.deviceId });
    await keeper().look();
    await broker.kill();
    await broker.start();
    await expect(connectDevice(broker, device)).rejects.toThrow();
    await (await connectDevice(broker, other)).end();
  });

  it('is not switched off by a list that is broken: the broker keeps the old one until a right one comes', async () => {
    const { device, other } = pair();
    const { look } = keeper();
    await revokeCertificates(deps, ours.owner, { deviceId: device.deviceId });
    await look();
    const path = join(broker.brokerDir, 'devices.crl');
    await writeFile(`${path}.new`, '-----BEGIN CRL-----\nAAAA\n-----END CRL-----\n');
    await rename(`${path}.new`, path);
    await vi.waitFor(() => expect(broker.log()).toContain('the broker keeps the one it has'), 5_000);
    await expect(connectDevice(broker, device)).rejects.toThrow();
    await revokeCertificates(deps, ours.owner, { deviceId: other.deviceId });
    await look();
    for (const each of [device, other]) await expect(connectDevice(broker, each)).rejects.toThrow();
  });

  it('is an alarm when the broker does not read the list', async () => {
    const { look, errors } = keeper({ brokerDir: join(broker.brokerDir, '../unread') });
    await look();
    expect(errors()).toEqual(['the broker has not read the revocation list: revoked devices can come back']);
  });

  it('is one worker’s work at a time', async () => {
    await keeper().look();
    const { look, errors } = keeper({ holder: 'another', brokerDir: join(broker.brokerDir, '../unread') });
    await look();
    expect(errors()).toEqual([]);
  });
});
