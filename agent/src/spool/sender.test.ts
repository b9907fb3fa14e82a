import { EventMessage, eventsOf, MAX_EVENTS_PER_MESSAGE, MAX_IN_FLIGHT, MAX_MESSAGE_BYTES } from '@flotilla/protocol';
import { expect, test, vi } from 'vitest';
import { MemoryFileSystem } from '../state/testing/memory-file-system.ts';
import { until } from '../testing/wait.ts';
import { SpoolSender } from './sender.ts';
import { Spool } from './spool.ts';

const BOOT = '0198c5a0-0000-7000-8000-000000000001';

async function setUp() {
  const spool = new Spool(new MemoryFileSystem(), '/d/spool');
  await spool.open(() => BOOT);
  const sent: { kind: string; seq: number }[] = [];
  const clock = { now: 1_000 };
  const messages: string[] = [];
  const publish = (kind: string, payload: string) => {
    messages.push(payload);
    const body = JSON.parse(payload);
    for (const { seq } of kind === 'events' ? eventsOf(EventMessage.parse(body)) : [body]) sent.push({ kind, seq });
  };
  const sender = new SpoolSender(spool, publish, () => clock.now);
  const take = () => sent.splice(0).map(({ kind, seq }) => `${kind} ${seq}`);
  const ack = (eventSeq: number, telemetrySeq = 0, boot = BOOT) =>
    sender.acknowledged({ boot, eventSeq, telemetrySeq });
  return { spool, sender, clock, take, ack, messages };
}
const event = { at: 1, kind: 'agent' };
const seqs = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `events ${from + index}`);

/** Lets every breath that `act` begins pass at once. */
async function withoutWaiting(act: () => Promise<unknown>): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    await act();
    await vi.advanceTimersByTimeAsync(60_000);
  } finally {
    vi.useRealTimers();
  }
}

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

test('events that were lost are sent again after 30 s, though telemetry is acknowledged all the while; and the other way', async () => {
  const { spool, sender, clock, take, ack } = await setUp();
  await spool.addEvent(event);
  await sender.connected();
  const acked = { events: 0, telemetry: 0 };
  for (const kind of ['telemetry', 'events'] as const) {
    const lost = kind === 'telemetry' ? 'events 1' : 'telemetry 7';
    take();
    for (let turn = 1; turn <= 6; turn += 1) {
      clock.now += 5_000;
      await sender.tick();
      expect(take(), `${lost}, ${turn * 5} s`).toEqual(turn < 6 ? [] : [lost]);
      await (kind === 'telemetry' ? spool.addWindows([]) : spool.addEvent(event));
      await sender.pump();
      acked[kind] = spool.nextSeq(kind) - 1;
      expect(take()).toEqual([`${kind} ${acked[kind]}`]);
      await ack(acked.events, acked.telemetry);
    }
    acked.events = 1;
    await ack(1, acked.telemetry);
    await spool.addWindows([]);
    await sender.pump();
  }
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

test('what happens in one breath is one message, whose events are whole', async () => {
  const { spool, sender, messages, take } = await setUp();
  await sender.connected();
  for (const message of ['a', 'b', 'c']) {
    await spool.addEvent({ ...event, message });
    sender.told();
  }
  expect(messages).toEqual([]);
  await until('the breath to end', () => messages.length > 0);
  expect(messages).toHaveLength(1);
  expect(eventsOf(EventMessage.parse(JSON.parse(messages[0] ?? '')))).toEqual(
    ['a', 'b', 'c'].map((message, at) => ({ ...event, message, boot: BOOT, oldestSeq: 1, seq: at + 1 })),
  );
  expect(take()).toEqual(seqs(1, 3));
});

test('nothing is told in a breath that ends after the connection did', async () => {
  const { spool, sender, messages } = await setUp();
  await sender.connected();
  await spool.addEvent(event);
  await withoutWaiting(async () => {
    sender.told();
    sender.disconnected();
    sender.told();
  });
  expect(messages).toEqual([]);
});

test('who waits for the server’s word on an event does not wait for the breath', async () => {
  const { spool, sender, take } = await setUp();
  await sender.connected();
  await spool.addEvent(event);
  sender.told();
  void sender.whenEventAcked(1, new AbortController().signal);
  await new Promise((resolve) => setImmediate(resolve));
  expect(take()).toEqual(seqs(1, 1));
});

test('events are sent when a report may follow them, whoever sends them; what is behind them is not waited for', async () => {
  const { spool, sender, take } = await setUp();
  for (let n = 0; n < 3; n++) await spool.addEvent(event);
  await spool.addWindows([]);
  const read = spool.message.bind(spool);
  let readTelemetry: () => void = () => undefined;
  spool.message = async (...args: Parameters<typeof read>) => {
    await new Promise<void>((resolve) => {
      if (args[0] === 'telemetry') readTelemetry = resolve;
      else setImmediate(resolve);
    });
    return read(...args);
  };
  const connecting = sender.connected();
  expect(take()).toEqual([]);
  await sender.sendEvents();
  expect(take()).toEqual(seqs(1, 3));
  readTelemetry();
  await connecting;
  expect(take()).toEqual(['telemetry 1']);
  await sender.sendEvents();
  expect(take()).toEqual([]);
});

test('a spool that cannot be read in a breath ends nothing, and is read again', async () => {
  const { spool, sender, take } = await setUp();
  await sender.connected();
  const read = spool.message.bind(spool);
  spool.message = () => Promise.reject(new Error('EIO'));
  await spool.addEvent(event);
  await expect(sender.sendEvents()).rejects.toThrow('EIO');
  await withoutWaiting(async () => {
    void sender.whenEventAcked(1, new AbortController().signal);
    sender.told();
  });
  expect(take()).toEqual([]);
  spool.message = read;
  await sender.tick();
  expect(take()).toEqual(seqs(1, 1));
});

test('no message holds more events or bytes than the protocol allows', async () => {
  const { spool, sender, messages, take } = await setUp();
  for (let n = 0; n < 20; n++) await spool.addEvent(event);
  for (let n = 0; n < 30; n++) await spool.addEvent({ ...event, kind: 'refused', message: 'x'.repeat(1_000) });
  await sender.connected();
  expect(take()).toEqual(seqs(1, 50));
  for (const message of messages) {
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(eventsOf(JSON.parse(message)).length).toBeLessThanOrEqual(MAX_EVENTS_PER_MESSAGE);
  }
});

test('an event that was acknowledged while its message was made is not sent again', async () => {
  const { spool, sender, take, ack } = await setUp();
  for (let n = 0; n < 4; n++) await spool.addEvent(event);
  const sending = sender.connected();
  await ack(2);
  await sending;
  expect(new Set(take().slice(-2))).toEqual(new Set(seqs(3, 4)));
});
