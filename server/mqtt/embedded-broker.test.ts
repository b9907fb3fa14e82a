import { randomBytes } from 'node:crypto';
import { connect } from 'node:tls';
import { MAX_MESSAGE_BYTES, MAX_STATE_BYTES, topicOf } from '@flotilla/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadBrokerTls } from '../pki/tls.ts';
import { createLogger } from '../platform/logger.ts';
import { decommissionDevice } from '../services/devices/decommission-device.ts';
import { revokeCertificates } from '../services/devices/revoke-certificates.ts';
import type { EnrollDeps } from '../services/enrollment/enroll-device.ts';
import { renewCertificate } from '../services/enrollment/renew-certificate.ts';
import { startTestBroker, type TestBroker } from '../testing/broker.ts';
import { testDatabase } from '../testing/database.ts';
import { type EnrolledDevice, enrollDeps, enrollTestDevice } from '../testing/enrollment.ts';
import { connectDevice, connectServer, connectTo, deviceOptions, type TestClient } from '../testing/mqtt.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organizations.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { BROKER_TOPIC } from './broker-acl.ts';
import { startBroker } from './embedded-broker.ts';

const database = testDatabase();
const CUT_WITHIN_MS = 5_000;
let pki: TestPki;
let deps: EnrollDeps;
let ours: TestOrganization;
let broker: TestBroker;
let server: TestClient;
let [one, two]: EnrolledDevice[] = [];

beforeAll(async () => {
  pki = await testPki();
  deps = await enrollDeps(database.db(), pki.dir);
  ours = await createTestOrganization(database.db());
  broker = await startTestBroker({ databaseUrl: database.url(), pki });
});
afterAll(async () => {
  await broker.close();
  await pki.remove();
});
beforeEach(async () => {
  server = await connectServer(broker, `server-${randomBytes(4).toString('hex')}`);
  await server.mqtt.subscribeAsync('flotilla/v1/#', { qos: 1 });
});
afterEach(() => server.end());

async function twoDevices(): Promise<[EnrolledDevice, EnrolledDevice]> {
  [one, two] = [await enrollTestDevice(deps, ours.owner), await enrollTestDevice(deps, ours.owner)];
  return [one, two];
}
const texts = (client: TestClient, topic: string) =>
  client.received.filter((message) => message.topic === topic).map(({ text }) => text);
const within = (attempt: Promise<void>, ms: number) =>
  Promise.race([attempt.then(() => true), new Promise((resolve) => setTimeout(resolve, ms, false))]);
/** What came before this message has arrived too. */
async function flush(via: TestClient, to: TestClient, topic: string): Promise<void> {
  const mark = randomBytes(8).toString('hex');
  await via.mqtt.publishAsync(topic, mark, { qos: 1 });
  await vi.waitFor(() => expect(texts(to, topic)).toContain(mark), 5_000);
}
const refusedOf = async (deviceId: string) =>
  (await database.db().refusedMessage.findMany({ where: { deviceId } })).map(({ kind, code }) => `${kind} ${code}`);

describe('who may connect', () => {
  it('is a device with its certificate, under its own name', async () => {
    const [device] = await twoDevices();
    const client = await connectDevice(broker, device);
    await client.end();
    const { username: _, ...nameless } = deviceOptions(device);
    await (await connectTo(broker.deviceUrl, nameless)).end();
  });

  it('is nobody without a certificate, with one of another authority, or with a server’s', async () => {
    const [device] = await twoDevices();
    const { cert: _cert, key: _key, ...bare } = deviceOptions(device);
    await expect(connectTo(broker.deviceUrl, bare)).rejects.toThrow();
    const elsewhere = await testPki();
    const foreignCa = await enrollDeps(database.db(), elsewhere.dir);
    const foreign = await foreignCa.ca.issue({
      deviceId: device.deviceId,
      publicKeyPem: device.publicKeyPem,
      now: new Date(),
    });
    await expect(connectDevice(broker, device, { cert: foreign.pem })).rejects.toThrow();
    await elsewhere.remove();
    const { cert, key } = broker.serverTls;
    await expect(connectDevice(broker, device, { cert, key })).rejects.toThrow();
  });

  it('is nobody with a certificate that the database does not know', async () => {
    const [device] = await twoDevices();
    const forged = await deps.ca.issue({
      deviceId: device.deviceId,
      publicKeyPem: device.publicKeyPem,
      now: new Date(),
    });
    await expect(connectDevice(broker, device, { cert: forged.pem })).rejects.toThrow('Not authorized');
  });

  it('is not a device under another’s client id or user name: the other stays connected, and it is counted', async () => {
    const [device, victim] = await twoDevices();
    const connected = await connectDevice(broker, victim);
    await expect(connectDevice(broker, device, { clientId: victim.deviceId })).rejects.toThrow('Identifier rejected');
    await expect(connectDevice(broker, device, { username: victim.deviceId })).rejects.toThrow(
      'Bad username or password',
    );
    await expect(connectDevice(broker, device, { clientId: 'server-1' })).rejects.toThrow('Identifier rejected');
    await flush(connected, server, topicOf(victim.deviceId, 'events'));
    await vi.waitFor(
      async () => expect(await refusedOf(device.deviceId)).toEqual(['connect foreign_client_id']),
      5_000,
    );
    await connected.end();
  });

  it('is not a device on the inner listener, nor a server with a device’s name there', async () => {
    const [device] = await twoDevices();
    const { ca } = broker.serverTls;
    const asServer = { ...deviceOptions(device), ca, clientId: 'server-x' };
    await expect(connectTo(broker.serverUrl, asServer)).rejects.toThrow();
    await expect(connectTo(broker.serverUrl, { ca, clientId: 'server-x' })).rejects.toThrow();
    await expect(connectServer(broker, device.deviceId)).rejects.toThrow('Identifier rejected');
  });
});

describe('what a device may do', () => {
  it('is to write its own topics and to read what the server writes to it', async () => {
    const [device] = await twoDevices();
    const desired = topicOf(device.deviceId, 'desired');
    await server.mqtt.publishAsync(desired, 'wanted', { qos: 1, retain: true });
    const client = await connectDevice(broker, device);
    await client.mqtt.subscribeAsync([desired, topicOf(device.deviceId, 'ack'), topicOf(device.deviceId, 'cmd', '+')], {
      qos: 1,
    });
    await vi.waitFor(() => expect(client.received).toContainEqual({ topic: desired, text: 'wanted', retain: true }));
    await flush(server, client, topicOf(device.deviceId, 'cmd', 'a-1'));
    await client.mqtt.publishAsync(topicOf(device.deviceId, 'reported'), 'x'.repeat(MAX_STATE_BYTES), {
      qos: 1,
      retain: true,
    });
    for (const kind of ['session', 'events', 'telemetry', 'log'] as const) {
      await flush(client, server, topicOf(device.deviceId, kind));
    }
    await flush(client, server, topicOf(device.deviceId, 'reply', 'a-1'));
    expect(texts(server, topicOf(device.deviceId, 'reported'))).toHaveLength(1);
    await client.end();
  });

  const wrong: [string, string, (mine: string, other: string) => [string, string, object?]][] = [
    ['another’s topic', 'events foreign_topic', (_, other) => [topicOf(other, 'events'), 'x']],
    ['a server’s topic', 'desired foreign_topic', (mine) => [topicOf(mine, 'desired'), 'x', { retain: true }]],
    ['the broker’s topic', 'unknown foreign_topic', () => [BROKER_TOPIC, 'x']],
    ['a topic that is not ours', 'unknown foreign_topic', () => ['__proto__', 'x']],
    ['too large a message', 'log too_large', (mine) => [topicOf(mine, 'log'), 'x'.repeat(MAX_MESSAGE_BYTES + 1)]],
    ['1 MB', 'packet too_large', (mine) => [topicOf(mine, 'reported'), 'x'.repeat(1_000_000)]],
    ['QoS 2', 'events qos', (mine) => [topicOf(mine, 'events'), 'x', { qos: 2 }]],
    [
      'a retained message of another kind',
      'reply retain',
      (mine) => [topicOf(mine, 'reply', 'a'), 'x', { retain: true }],
    ],
  ];
  it.each(wrong)(
    'is not %s: that client is closed, nobody else, and it is counted as "%s"',
    async (_, counted, message) => {
      const [device, bystander] = await twoDevices();
      const other = await connectDevice(broker, bystander);
      const client = await connectDevice(broker, device);
      const [topic, payload, options] = message(device.deviceId, bystander.deviceId);
      client.mqtt.publish(topic, payload, { qos: 1, ...options });
      expect(await within(client.closed, 5_000)).toBe(true);
      await vi.waitFor(async () => expect(await refusedOf(device.deviceId)).toEqual([counted]), 5_000);
      await flush(other, server, topicOf(bystander.deviceId, 'events'));
      expect(texts(server, topic).filter((text) => text === payload)).toEqual([]);
      await (await connectDevice(broker, device)).end();
      await other.end();
    },
  );

  it('is not to read another’s topics, by any filter, nor what devices write', async () => {
    const [device, victim] = await twoDevices();
    const client = await connectDevice(broker, device);
    const filters = [
      '#',
      '+/#',
      'flotilla/v1/#',
      'flotilla/v1/+/desired',
      topicOf(victim.deviceId, 'desired'),
      '$SYS/#',
      BROKER_TOPIC,
    ];
    for (const filter of [...filters, topicOf(device.deviceId, 'reported'), `flotilla/v1/${device.deviceId}/#`]) {
      await expect(client.mqtt.subscribeAsync(filter, { qos: 1 })).rejects.toThrow();
    }
    await client.mqtt.subscribeAsync(topicOf(device.deviceId, 'ack'), { qos: 1 });
    await server.mqtt.publishAsync(topicOf(victim.deviceId, 'desired'), 'secret', { qos: 1, retain: true });
    await flush(server, client, topicOf(device.deviceId, 'ack'));
    expect(client.received.map(({ topic }) => topic)).toEqual([topicOf(device.deviceId, 'ack')]);
    await vi.waitFor(async () => expect(await refusedOf(device.deviceId)).toEqual(['subscribe foreign_topic']), 5_000);
    await client.end();
  });

  it('is not to collect another’s messages in a session that was left behind with a foreign filter', async () => {
    const [device, victim] = await twoDevices();
    const foreign = topicOf(victim.deviceId, 'cmd', '+');
    const own = topicOf(device.deviceId, 'cmd', '+');
    const session = { clean: false };
    const first = await connectDevice(broker, device, session);
    await first.mqtt.subscribeAsync([own, foreign], { qos: 1 }).catch(() => undefined);
    await first.end();
    await server.mqtt.publishAsync(topicOf(victim.deviceId, 'cmd', 'a'), 'secret', { qos: 1 });
    await server.mqtt.publishAsync(topicOf(device.deviceId, 'cmd', 'b'), 'mine', { qos: 1 });
    const second = await connectDevice(broker, device, session);
    await server.mqtt.publishAsync(topicOf(victim.deviceId, 'cmd', 'c'), 'secret', { qos: 1 });
    await flush(server, second, topicOf(device.deviceId, 'cmd', 'd'));
    expect(second.received.filter(({ text }) => text === 'secret')).toEqual([]);
    expect(texts(second, topicOf(device.deviceId, 'cmd', 'b'))).toEqual(['mine']);
    await second.end();
  });
});

describe('a device that is away', () => {
  it('gets the newest message of each topic when it comes back, once', async () => {
    const [device] = await twoDevices();
    const [ack, command] = [topicOf(device.deviceId, 'ack'), topicOf(device.deviceId, 'cmd', 'a')];
    const first = await connectDevice(broker, device, { clean: false });
    await first.mqtt.subscribeAsync([ack, topicOf(device.deviceId, 'cmd', '+')], { qos: 1 });
    await first.end();
    for (let round = 1; round <= 50; round++) await server.mqtt.publishAsync(ack, String(round), { qos: 1 });
    await server.mqtt.publishAsync(command, 'go', { qos: 1 });
    const second = await connectDevice(broker, device, { clean: false });
    await vi.waitFor(() => expect(second.received.map(({ text }) => text)).toEqual(['50', 'go']), 5_000);
    await second.end();
    const third = await connectDevice(broker, device, { clean: false });
    await flush(server, third, ack);
    expect(third.received).toHaveLength(1);
    await third.end();
  });

  it('has its last will told, and leaves nothing behind when it says goodbye', async () => {
    const [device] = await twoDevices();
    const session = topicOf(device.deviceId, 'session');
    const will = { topic: session, payload: Buffer.from('gone'), qos: 1, retain: true } as const;
    const polite = await connectDevice(broker, device, { will });
    await polite.end();
    const rude = await connectDevice(broker, device, { will });
    await rude.mqtt.publishAsync(session, 'here', { qos: 1, retain: true });
    rude.mqtt.stream.destroy();
    await vi.waitFor(() => expect(texts(server, session)).toEqual(['here', 'gone']), 5_000);
  });

  it('cannot leave a last will to another’s topic', async () => {
    const [device, victim] = await twoDevices();
    const will = {
      topic: topicOf(victim.deviceId, 'session'),
      payload: Buffer.from('gone'),
      qos: 1,
      retain: true,
    } as const;
    const client = await connectDevice(broker, device, { will });
    client.mqtt.stream.destroy();
    await vi.waitFor(async () => expect(await refusedOf(device.deviceId)).toEqual(['session foreign_topic']), 5_000);
    expect(texts(server, topicOf(victim.deviceId, 'session'))).toEqual([]);
  });
});

describe('garbage', () => {
  it('closes that connection, also before a CONNECT, and harms nobody', async () => {
    const [device, bystander] = await twoDevices();
    const other = await connectDevice(broker, bystander);
    const { cert, key, ca } = deviceOptions(device) as { cert: string; key: string; ca: string };
    for (let round = 0; round < 20; round++) {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(broker.deviceUrl).port), cert, key, ca });
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('secureConnect', () => socket.end(randomBytes(round * 100 + 1)));
      await closed;
    }
    await flush(other, server, topicOf(bystander.deviceId, 'events'));
    await other.end();
  });
});

describe('a device that loses its right', () => {
  const cutWithin = async (loseRight: (deviceId: string) => Promise<unknown>) => {
    const [device, bystander] = await twoDevices();
    const client = await connectDevice(broker, device, {
      will: { topic: topicOf(device.deviceId, 'session'), payload: Buffer.from('gone'), qos: 1, retain: true },
    });
    const other = await connectDevice(broker, bystander);
    await loseRight(device.deviceId);
    expect(await within(client.closed, CUT_WITHIN_MS)).toBe(true);
    await expect(connectDevice(broker, device)).rejects.toThrow('Not authorized');
    await vi.waitFor(() => expect(texts(server, topicOf(device.deviceId, 'session'))).toEqual(['gone']), 5_000);
    await flush(other, server, topicOf(bystander.deviceId, 'events'));
    await other.end();
  };

  it('is cut within five seconds when it is decommissioned, cannot come back, and its last will is told', () =>
    cutWithin((deviceId) => decommissionDevice(deps, ours.owner, { deviceId })));

  it('is cut within five seconds when its certificates are revoked', () =>
    cutWithin((deviceId) => revokeCertificates(deps, ours.owner, { deviceId })));

  it('is cut within five seconds when no notification arrives: the database is the truth', () =>
    cutWithin((deviceId) =>
      database.db().certificate.updateMany({ where: { deviceId }, data: { revokedAt: new Date(Date.now() - 60_000) } }),
    ));

  it('stays connected with its new certificate when only the old one is revoked', async () => {
    const [device] = await twoDevices();
    const actor = { kind: 'device', organizationId: ours.organizationId, deviceId: device.deviceId } as const;
    const { certificate } = await renewCertificate(deps, actor, { csr: device.csr });
    await database.db().certificate.updateMany({
      where: { pem: device.certificate },
      data: { revokedAt: new Date() },
    });
    const client = await connectDevice(broker, device, { cert: certificate });
    expect(await within(client.closed, 3_000)).toBe(false);
    await client.end();
  });
});

describe('the broker', () => {
  it('tells servers when it started, and lets nobody else write that', async () => {
    await vi.waitFor(() =>
      expect(server.received).toContainEqual({
        topic: BROKER_TOPIC,
        text: JSON.stringify({ startedAt: broker.startedAt.toISOString() }),
        retain: true,
      }),
    );
    const writer = await connectServer(broker, 'server-writer');
    writer.mqtt.publish(BROKER_TOPIC, 'x', { qos: 1, retain: true });
    expect(await within(writer.closed, 5_000)).toBe(true);
  });

  it('refuses every device while the database is away, rather than let a revoked one in', async () => {
    const [device] = await twoDevices();
    const blind = await startTestBroker({ databaseUrl: 'postgresql://nobody:x@127.0.0.1:9/none', pki });
    await expect(connectDevice(blind, device)).rejects.toThrow('Server unavailable');
    await blind.close();
  });

  it('takes no more devices than it was told to', async () => {
    const [device, another] = await twoDevices();
    const small = await startTestBroker({ databaseUrl: database.url(), pki, maxDevices: 1 });
    const client = await connectDevice(small, device);
    await expect(connectDevice(small, another)).rejects.toThrow();
    await client.end();
    await small.close();
  });

  it('says which port is taken', async () => {
    const port = Number(new URL(broker.deviceUrl).port);
    const attempt = startBroker({
      db: database.db(),
      databaseUrl: database.url(),
      tls: await loadBrokerTls(pki.dir),
      devices: { host: '127.0.0.1', port },
      servers: { host: '127.0.0.1', port: 0 },
      now: () => new Date(),
      logger: createLogger('second', 'silent'),
    });
    await expect(attempt).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  });
});
