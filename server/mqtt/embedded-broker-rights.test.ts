import { MAX_MESSAGE_BYTES, MAX_STATE_BYTES, topicOf } from '@flotilla/protocol';
import { describe, expect, it, vi } from 'vitest';
import { within } from '../platform/within.ts';
import { decommissionDevice } from '../services/devices/decommission-device.ts';
import { revokeCertificates } from '../services/devices/revoke-certificates.ts';
import { renewCertificate } from '../services/enrollment/renew-certificate.ts';
import { brokerSuite, flush, texts } from '../testing/broker-suite.ts';
import { connectDevice } from '../testing/mqtt.ts';
import { BROKER_TOPIC } from './broker-acl.ts';

const CUT_WITHIN_MS = 5_000;
const suite = brokerSuite();

describe('what a device may do', () => {
  it('is to write its own topics and to read what the server writes to it', async () => {
    const [device] = await suite.twoDevices();
    const desired = topicOf(device.deviceId, 'desired');
    await suite.server.mqtt.publishAsync(desired, 'wanted', { qos: 1, retain: true });
    const client = await connectDevice(suite.broker, device);
    await client.mqtt.subscribeAsync([desired, topicOf(device.deviceId, 'ack'), topicOf(device.deviceId, 'cmd', '+')], {
      qos: 1,
    });
    await vi.waitFor(() => expect(client.received).toContainEqual({ topic: desired, text: 'wanted', retain: true }));
    await flush(suite.server, client, topicOf(device.deviceId, 'cmd', 'a-1'));
    await client.mqtt.publishAsync(topicOf(device.deviceId, 'reported'), 'x'.repeat(MAX_STATE_BYTES), {
      qos: 1,
      retain: true,
    });
    for (const kind of ['session', 'events', 'telemetry', 'log'] as const) {
      await flush(client, suite.server, topicOf(device.deviceId, kind));
    }
    await flush(client, suite.server, topicOf(device.deviceId, 'reply', 'a-1'));
    expect(texts(suite.server, topicOf(device.deviceId, 'reported'))).toHaveLength(1);
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
      const [device, bystander] = await suite.twoDevices();
      const other = await connectDevice(suite.broker, bystander);
      const client = await connectDevice(suite.broker, device);
      const [topic, payload, options] = message(device.deviceId, bystander.deviceId);
      client.mqtt.publish(topic, payload, { qos: 1, ...options });
      expect(await within(client.closed, 5_000)).toBe(true);
      await vi.waitFor(async () => expect(await suite.refusedOf(device.deviceId)).toEqual([counted]), 5_000);
      await flush(other, suite.server, topicOf(bystander.deviceId, 'events'));
      expect(texts(suite.server, topic).filter((text) => text === payload)).toEqual([]);
      await (await connectDevice(suite.broker, device)).end();
      await other.end();
    },
  );

  it('is not to read another’s topics, by any filter, nor what devices write', async () => {
    const [device, victim] = await suite.twoDevices();
    const client = await connectDevice(suite.broker, device);
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
    await suite.server.mqtt.publishAsync(topicOf(victim.deviceId, 'desired'), 'secret', { qos: 1, retain: true });
    await flush(suite.server, client, topicOf(device.deviceId, 'ack'));
    expect(client.received.map(({ topic }) => topic)).toEqual([topicOf(device.deviceId, 'ack')]);
    await vi.waitFor(
      async () => expect(await suite.refusedOf(device.deviceId)).toEqual(['subscribe foreign_topic']),
      5_000,
    );
    await client.end();
  });

  it('is not to collect another’s messages in a session that was left behind with a foreign filter', async () => {
    const [device, victim] = await suite.twoDevices();
    const foreign = topicOf(victim.deviceId, 'cmd', '+');
    const own = topicOf(device.deviceId, 'cmd', '+');
    const session = { clean: false };
    const first = await connectDevice(suite.broker, device, session);
    await first.mqtt.subscribeAsync([own, foreign], { qos: 1 }).catch(() => undefined);
    await first.end();
    await suite.server.mqtt.publishAsync(topicOf(victim.deviceId, 'cmd', 'a'), 'secret', { qos: 1 });
    await suite.server.mqtt.publishAsync(topicOf(device.deviceId, 'cmd', 'b'), 'mine', { qos: 1 });
    const second = await connectDevice(suite.broker, device, session);
    await suite.server.mqtt.publishAsync(topicOf(victim.deviceId, 'cmd', 'c'), 'secret', { qos: 1 });
    await flush(suite.server, second, topicOf(device.deviceId, 'cmd', 'd'));
    expect(second.received.filter(({ text }) => text === 'secret')).toEqual([]);
    expect(texts(second, topicOf(device.deviceId, 'cmd', 'b'))).toEqual(['mine']);
    await second.end();
  });
});

describe('a device that loses its right', () => {
  const cutWithin = async (loseRight: (deviceId: string) => Promise<unknown>) => {
    const [device, bystander] = await suite.twoDevices();
    const client = await connectDevice(suite.broker, device, {
      will: { topic: topicOf(device.deviceId, 'session'), payload: Buffer.from('gone'), qos: 1, retain: true },
    });
    const other = await connectDevice(suite.broker, bystander);
    await loseRight(device.deviceId);
    expect(await within(client.closed, CUT_WITHIN_MS)).toBe(true);
    await expect(connectDevice(suite.broker, device)).rejects.toThrow('Not authorized');
    await vi.waitFor(() => expect(texts(suite.server, topicOf(device.deviceId, 'session'))).toEqual(['gone']), 5_000);
    await flush(other, suite.server, topicOf(bystander.deviceId, 'events'));
    await other.end();
  };

  it('is cut within five seconds when it is decommissioned, cannot come back, and its last will is told', () =>
    cutWithin((deviceId) => decommissionDevice(suite.deps, suite.ours.owner, { deviceId })));

  it('is cut within five seconds when its certificates are revoked', () =>
    cutWithin((deviceId) => revokeCertificates(suite.deps, suite.ours.owner, { deviceId })));

  it('is cut within five seconds when no notification arrives: the database is the truth', () =>
    cutWithin((deviceId) =>
      suite.database
        .db()
        .certificate.updateMany({ where: { deviceId }, data: { revokedAt: new Date(Date.now() - 60_000) } }),
    ));

  it('stays connected with its new certificate when only the old one is revoked', async () => {
    const [device] = await suite.twoDevices();
    const actor = { kind: 'device', organizationId: suite.ours.organizationId, deviceId: device.deviceId } as const;
    const { certificate } = await renewCertificate(suite.deps, actor, { csr: device.csr });
    await suite.database.db().certificate.updateMany({
      where: { pem: device.certificate },
      data: { revokedAt: new Date() },
    });
    const client = await connectDevice(suite.broker, device, { cert: certificate });
    expect(await within(client.closed, 3_000)).toBe(false);
    await client.end();
  });
});
