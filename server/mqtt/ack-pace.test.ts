import { MAX_IN_FLIGHT } from '@flotilla/protocol';
import { expect, it } from 'vitest';
import type { DeviceAck } from '../ingest/spools.ts';
import { ACK_REST_MS, AckPace } from './ack-pace.ts';

const ack = (telemetrySeq: number, eventSeq = 0, deviceId = 'one', boot = 'a'): DeviceAck => ({
  deviceId,
  ack: { boot, telemetrySeq, eventSeq },
});

it('tells a spool at once that was told nothing for long', () => {
  const pace = new AckPace();
  expect(pace.offer([ack(1)], 0)).toEqual([ack(1)]);
  expect(pace.due(ACK_REST_MS)).toEqual([]);
  expect(pace.isHolding).toBe(false);
  expect(pace.offer([ack(2)], ACK_REST_MS)).toEqual([ack(2)]);
});

it('holds what comes sooner, and tells the newest of it when the time is over', () => {
  const pace = new AckPace();
  pace.offer([ack(1)], 0);
  expect(pace.offer([ack(2)], 10)).toEqual([]);
  expect(pace.offer([ack(3)], 20)).toEqual([]);
  expect(pace.due(ACK_REST_MS - 1)).toEqual([]);
  expect(pace.isHolding).toBe(true);
  expect(pace.due(ACK_REST_MS)).toEqual([ack(3)]);
  expect(pace.due(2 * ACK_REST_MS - 1)).toEqual([]);
  expect(pace.offer([ack(4)], 2 * ACK_REST_MS - 1)).toEqual([]);
  expect(pace.due(2 * ACK_REST_MS)).toEqual([ack(4)]);
});

it('holds back no device: one that sends fast is told before it may not go on', () => {
  const pace = new AckPace();
  pace.offer([ack(0)], 0);
  const most = Array.from({ length: MAX_IN_FLIGHT }, (_, at) => at + 1);
  const told = most.flatMap((seq) => pace.offer([ack(seq)], 1)).map((each) => each.ack.telemetrySeq);
  expect(told).toEqual([13, 26, 39]);
});

it('tells of events at once, and of the telemetry that was held with them', () => {
  const pace = new AckPace();
  pace.offer([ack(5, 1)], 0);
  pace.offer([ack(6, 1)], 1);
  expect(pace.offer([ack(5, 2)], 2)).toEqual([ack(6, 2)]);
  expect(pace.due(ACK_REST_MS)).toEqual([]);
});

it('paces each spool by itself', () => {
  const pace = new AckPace();
  const all = [ack(1), ack(1, 0, 'two'), ack(1, 0, 'one', 'b')];
  expect(pace.offer(all, 0)).toEqual(all);
});

it('repeats what it said already: the device sends again when that was lost', () => {
  const pace = new AckPace();
  pace.offer([ack(7)], 0);
  expect(pace.offer([ack(7)], 1)).toEqual([]);
  expect(pace.due(ACK_REST_MS)).toEqual([ack(7)]);
});

it('forgets what it holds when there is nobody to tell', () => {
  const pace = new AckPace();
  pace.offer([ack(1)], 0);
  pace.offer([ack(2)], 1);
  pace.clear();
  expect(pace.due(ACK_REST_MS)).toEqual([]);
  expect(pace.offer([ack(3)], 2)).toEqual([ack(3)]);
});
