import { topicOf } from '@flotilla/protocol';
import type { MqttClient } from 'mqtt';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DeviceAck } from '../ingest/spools.ts';
import { ACK_REST_MS } from './ack-pace.ts';
import { AckPublisher } from './ack-publisher.ts';

const DEVICE = '0198c5a0-0000-7000-8000-0000000000d1';
const ack = (telemetrySeq: number): DeviceAck => ({
  deviceId: DEVICE,
  ack: { boot: '0198c5a0-0000-7000-8000-000000000001', telemetrySeq, eventSeq: 0 },
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const told: number[] = [];
  const client = {
    connected: true,
    disconnecting: false,
    publish: (topic: string, payload: string, _: object, done: () => void) => {
      expect(topic).toBe(topicOf(DEVICE, 'ack'));
      told.push(JSON.parse(payload).telemetrySeq);
      done();
    },
  };
  return { told, client, publisher: new AckPublisher(client as unknown as MqttClient) };
}

it('tells what it held when the rest is over, though nothing more comes', () => {
  const { told, publisher } = setUp();
  for (const seq of [1, 2, 3]) publisher.send([ack(seq)]);
  expect(told).toEqual([1]);
  vi.advanceTimersByTime(ACK_REST_MS - 1);
  expect(told).toEqual([1]);
  vi.advanceTimersByTime(ACK_REST_MS);
  expect(told).toEqual([1, 3]);
});

it('goes on so, and ends when nobody is to be told', () => {
  const { told, publisher } = setUp();
  for (let seq = 1; seq <= 40; seq += 1) {
    publisher.send([ack(seq)]);
    vi.advanceTimersByTime(ACK_REST_MS / 4);
  }
  vi.advanceTimersByTime(3 * ACK_REST_MS);
  expect(told.length).toBeLessThanOrEqual(14);
  expect(told.at(-1)).toBe(40);
  expect(vi.getTimerCount()).toBe(0);
});

it('says nothing without a broker, also of what it held', () => {
  const { told, client, publisher } = setUp();
  publisher.send([ack(1)]);
  publisher.send([ack(2)]);
  client.connected = false;
  vi.advanceTimersByTime(2 * ACK_REST_MS);
  client.connected = true;
  vi.advanceTimersByTime(2 * ACK_REST_MS);
  expect(told).toEqual([1]);
  expect(vi.getTimerCount()).toBe(0);
});

it('does not rest for what nobody was told', () => {
  const { told, client, publisher } = setUp();
  client.connected = false;
  publisher.send([ack(1)]);
  client.connected = true;
  publisher.send([ack(2)]);
  expect(told).toEqual([2]);
});
