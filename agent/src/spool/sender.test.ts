import { expect, test } from 'vitest';
import { MemoryFileSystem } from '../state/testing/memory-file-system.ts';
import { MAX_IN_FLIGHT, SpoolSender } from './sender.ts';
import { Spool } from './spool.ts';

const BOOT = '0198c5a0-0000-7000-8000-000000000001';

async function setUp() {
  const spool = new Spool(new MemoryFileSystem(), '/d/spool');
  await spool.open(() => BOOT);
  const sent: { kind: string; seq: number }[] = [];
  const clock = { now: 1_000 };
  const publish = (kind: string, payload: string) => void sent.push({ kind, seq: JSON.parse(payload).seq });
  const sender = new SpoolSender(spool, publish, () => clock.now);
  const take = () => sent.splice(0).map(({ kind, seq }) => `${kind} ${seq}`);
  const ack = (eventSeq: number, telemetrySeq = 0, boot = BOOT) =>
    sender.acknowledged({ boot, eventSeq, telemetrySeq });
  return { spool, sender, clock, take, ack };
}
const event = { at: 1, kind: 'agent' };
const seqs = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `events ${from + index}`);

test('never more than the bound ahead of the server, and each ack lets as many follow, in order', async () => {
  const { spool, sender, take, ack } = await setUp();
  for (let n = 0; n < 80; n++) await spool.addEvent(event);
  await sender.connected();
  expect(take()).toEqual(seqs(1, MAX_IN_FLIGHT));
  await ack(20);
  expect(take()).toEqual(seqs(MAX_IN_FLIGHT + 1, MAX_IN_FLIGHT + 20));
  await ack(MAX_IN_FLIGHT + 20);
  expect(take()).toEqual(seqs(MAX_IN_FLIGHT + 21, 80));
});

test('what was not acknowledged is sent again after 30 s without progress, and on reconnect; what was is not', async () => {
  const { spool, sender, clock, take, ack } = await setUp();
  for (let n = 0; n < 3; n++) await spool.addEvent(event);
  await sender.connected();
  await ack(1);
  take();
  clock.now += 29_999;
  await sender.tick();
  expect(take()).toEqual([]);
  clock.now += 1;
  await sender.tick();
  expect(take()).toEqual(seqs(2, 3));
  sender.disconnected();
  await spool.addEvent(event);
  await sender.pump();
  expect(take()).toEqual([]);
  await sender.connected();
  expect(take()).toEqual(seqs(2, 4));
});

test('events go before telemetry, and an ack of another life or beyond what was written changes nothing', async () => {
  const { spool, sender, take, ack } = await setUp();
  await spool.addWindows([]);
  await spool.addEvent(event);
  await sender.connected();
  expect(take()).toEqual(['events 1', 'telemetry 1']);
  await ack(1, 1, '0198c5a0-0000-7000-8000-00000000ffff');
  expect(sender.ackedEventSeq).toBe(0);
  await ack(500, 500);
  expect(sender.ackedEventSeq).toBe(1);
  await spool.addEvent(event);
  await sender.pump();
  expect(take()).toEqual(['events 2']);
});

test('waiting for an event ends when the server has committed it', async () => {
  const { spool, sender, ack } = await setUp();
  await spool.addEvent(event);
  await sender.connected();
  let isAcked = false;
  const waiting = sender.whenEventAcked(1, new AbortController().signal).then(() => (isAcked = true));
  expect(isAcked).toBe(false);
  await ack(1);
  await waiting;
  expect(isAcked).toBe(true);
});
