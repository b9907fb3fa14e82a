import { topicOf } from '@flotilla/protocol';
import { describe, expect, it, vi } from 'vitest';
import { brokerSuite, flush, texts } from '../testing/broker-suite.ts';
import { connectDevice } from '../testing/mqtt.ts';

const suite = brokerSuite();

describe('a device that is away', () => {
  it('gets the newest message of each topic when it comes back, once', async () => {
    const [device] = await suite.twoDevices();
    const [ack, command] = [topicOf(device.deviceId, 'ack'), topicOf(device.deviceId, 'cmd', 'a')];
    const first = await connectDevice(suite.broker, device, { clean: false });
    await first.mqtt.subscribeAsync([ack, topicOf(device.deviceId, 'cmd', '+')], { qos: 1 });
    await first.end();
    for (let round = 1; round <= 50; round++) await suite.server.mqtt.publishAsync(ack, String(round), { qos: 1 });
    await suite.server.mqtt.publishAsync(command, 'go', { qos: 1 });
    const second = await connectDevice(suite.broker, device, { clean: false });
    await vi.waitFor(() => expect(second.received.map(({ text }) => text)).toEqual(['50', 'go']), 5_000);
    await second.end();
    const third = await connectDevice(suite.broker, device, { clean: false });
    await flush(suite.server, third, ack);
    expect(third.received).toHaveLength(1);
    await third.end();
  });

  it('has its last will told, and leaves nothing behind when it says goodbye', async () => {
    const [device] = await suite.twoDevices();
    const session = topicOf(device.deviceId, 'session');
    const will = { topic: session, payload: Buffer.from('gone'), qos: 1, retain: true } as const;
    const polite = await connectDevice(suite.broker, device, { will });
    await polite.end();
    const rude = await connectDevice(suite.broker, device, { will });
    await rude.mqtt.publishAsync(session, 'here', { qos: 1, retain: true });
    rude.mqtt.stream.destroy();
    await vi.waitFor(() => expect(texts(suite.server, session)).toEqual(['here', 'gone']), 5_000);
  });

  it('cannot leave a last will to another’s topic', async () => {
    const [device, victim] = await suite.twoDevices();
    const will = {
      topic: topicOf(victim.deviceId, 'session'),
      payload: Buffer.from('gone'),
      qos: 1,
      retain: true,
    } as const;
    const client = await connectDevice(suite.broker, device, { will });
    client.mqtt.stream.destroy();
    await vi.waitFor(
      async () => expect(await suite.refusedOf(device.deviceId)).toEqual(['session foreign_topic']),
      5_000,
    );
    expect(texts(suite.server, topicOf(victim.deviceId, 'session'))).toEqual([]);
  });
});
