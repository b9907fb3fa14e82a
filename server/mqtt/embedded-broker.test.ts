import { randomBytes } from 'node:crypto';
import { connect } from 'node:tls';
import { topicOf } from '@flotilla/protocol';
import { describe, expect, it, vi } from 'vitest';
import { loadBrokerTls } from '../pki/tls.ts';
import { createLogger } from '../platform/logger.ts';
import { within } from '../platform/within.ts';
import { startTestBroker } from '../testing/broker.ts';
import { brokerSuite, flush } from '../testing/broker-suite.ts';
import { enrollDeps } from '../testing/enrollment.ts';
import { connectDevice, connectServer, connectTo, deviceOptions } from '../testing/mqtt.ts';
import { testPki } from '../testing/pki.ts';
import { BROKER_TOPIC } from './broker-acl.ts';
import { startBroker } from './embedded-broker.ts';

const suite = brokerSuite();

describe('who may connect', () => {
  it('is a device with its certificate, under its own name', async () => {
    const [device] = await suite.twoDevices();
    const client = await connectDevice(suite.broker, device);
    await client.end();
    const { username: _, ...nameless } = deviceOptions(device);
    await (await connectTo(suite.broker.deviceUrl, nameless)).end();
  });

  it('is nobody without a certificate, with one of another authority, or with a server’s', async () => {
    const [device] = await suite.twoDevices();
    const { cert: _cert, key: _key, ...bare } = deviceOptions(device);
    await expect(connectTo(suite.broker.deviceUrl, bare)).rejects.toThrow();
    const elsewhere = await testPki();
    const foreignCa = await enrollDeps(suite.database.db(), elsewhere.dir);
    const foreign = await foreignCa.ca.issue({
      deviceId: device.deviceId,
      publicKeyPem: device.publicKeyPem,
      now: new Date(),
    });
    await expect(connectDevice(suite.broker, device, { cert: foreign.pem })).rejects.toThrow();
    await elsewhere.remove();
    const { cert, key } = suite.broker.serverTls;
    await expect(connectDevice(suite.broker, device, { cert, key })).rejects.toThrow();
  });

  it('is nobody with a certificate that the database does not know', async () => {
    const [device] = await suite.twoDevices();
    const forged = await suite.deps.ca.issue({
      deviceId: device.deviceId,
      publicKeyPem: device.publicKeyPem,
      now: new Date(),
    });
    await expect(connectDevice(suite.broker, device, { cert: forged.pem })).rejects.toThrow('Not authorized');
  });

  it('is not a device under another’s client id or user name: the other stays connected, and it is counted', async () => {
    const [device, victim] = await suite.twoDevices();
    const connected = await connectDevice(suite.broker, victim);
    await expect(connectDevice(suite.broker, device, { clientId: victim.deviceId })).rejects.toThrow(
      'Identifier rejected',
    );
    await expect(connectDevice(suite.broker, device, { username: victim.deviceId })).rejects.toThrow(
      'Bad username or password',
    );
    await expect(connectDevice(suite.broker, device, { clientId: 'server-1' })).rejects.toThrow('Identifier rejected');
    await flush(connected, suite.server, topicOf(victim.deviceId, 'events'));
    await vi.waitFor(
      async () => expect(await suite.refusedOf(device.deviceId)).toEqual(['connect foreign_client_id']),
      5_000,
    );
    await connected.end();
  });

  it('is not a device on the inner listener, nor a server with a device’s name there', async () => {
    const [device] = await suite.twoDevices();
    const { ca } = suite.broker.serverTls;
    const asServer = { ...deviceOptions(device), ca, clientId: 'server-x' };
    await expect(connectTo(suite.broker.serverUrl, asServer)).rejects.toThrow();
    await expect(connectTo(suite.broker.serverUrl, { ca, clientId: 'server-x' })).rejects.toThrow();
    await expect(connectServer(suite.broker, device.deviceId)).rejects.toThrow('Identifier rejected');
  });
});

describe('garbage', () => {
  it('closes that connection, also before a CONNECT, and harms nobody', async () => {
    const [device, bystander] = await suite.twoDevices();
    const other = await connectDevice(suite.broker, bystander);
    const { cert, key, ca } = deviceOptions(device) as { cert: string; key: string; ca: string };
    for (let round = 0; round < 20; round++) {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(suite.broker.deviceUrl).port), cert, key, ca });
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('secureConnect', () => socket.end(randomBytes(round * 100 + 1)));
      await closed;
    }
    await flush(other, suite.server, topicOf(bystander.deviceId, 'events'));
    await other.end();
  });
});

describe('the broker', () => {
  it('tells servers when it started, and lets nobody else write that', async () => {
    await vi.waitFor(() =>
      expect(suite.server.received).toContainEqual({
        topic: BROKER_TOPIC,
        text: JSON.stringify({ startedAt: suite.broker.startedAt.toISOString() }),
        retain: true,
      }),
    );
    const writer = await connectServer(suite.broker, 'server-writer');
    writer.mqtt.publish(BROKER_TOPIC, 'x', { qos: 1, retain: true });
    expect(await within(writer.closed, 5_000)).toBe(true);
  });

  it('refuses every device while the database is away, rather than let a revoked one in', async () => {
    const [device] = await suite.twoDevices();
    const blind = await startTestBroker({ databaseUrl: 'postgresql://nobody:x@127.0.0.1:9/none', pki: suite.pki });
    await expect(connectDevice(blind, device)).rejects.toThrow('Server unavailable');
    await blind.close();
  });

  it('takes no more devices than it was told to', async () => {
    const [device, another] = await suite.twoDevices();
    const small = await startTestBroker({ databaseUrl: suite.database.url(), pki: suite.pki, maxDevices: 1 });
    const client = await connectDevice(small, device);
    await expect(connectDevice(small, another)).rejects.toThrow();
    await client.end();
    await small.close();
  });

  it('says which port is taken', async () => {
    const port = Number(new URL(suite.broker.deviceUrl).port);
    const attempt = startBroker({
      db: suite.database.db(),
      databaseUrl: suite.database.url(),
      tls: await loadBrokerTls(suite.pki.dir),
      devices: { host: '127.0.0.1', port },
      servers: { host: '127.0.0.1', port: 0 },
      now: () => new Date(),
      logger: createLogger('second', 'silent'),
    });
    await expect(attempt).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  });
});
