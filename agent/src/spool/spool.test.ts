import { Telemetry } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { cutVariants, MemoryFileSystem, PowerCut } from '../state/testing/memory-file-system.ts';
import { Spool } from './spool.ts';

const BOOT = '0198c5a0-0000-7000-8000-000000000001';
const event = (n: number) => ({ at: n, kind: 'agent', message: `event ${n}` });
const window = (n: number, padding = 0) => ({
  slot: 'default',
  releaseId: BOOT,
  startMs: n,
  durationMs: 1000,
  inferences: 0,
  errors: 0,
  latencyMs: { run: { zeroCount: 0, min: 0, max: 0, sum: 0, buckets: [] } },
  padding: 'x'.repeat(padding),
});

async function open(disk: MemoryFileSystem, maxBytes?: number) {
  const spool = new Spool(disk, '/d/spool', maxBytes);
  await spool.open(() => BOOT);
  return spool;
}

async function readAll(spool: Spool, kind: 'events' | 'telemetry') {
  const messages = [];
  for (let seq = spool.oldestSeq(kind); seq < spool.nextSeq(kind); seq++)
    messages.push(await spool.message(kind, seq, 9));
  return messages;
}

test('whatever operation the power is cut at, every confirmed event is there once, in order, under its number', async () => {
  for (let cutAt = 1; ; cutAt++) {
    const disk = new MemoryFileSystem();
    disk.cutAt = cutAt;
    const confirmed = new Map<number, number>();
    let isFinished = false;
    try {
      const spool = await open(disk);
      for (let n = 1; n <= 6; n += 2)
        await Promise.all([n, n + 1].map(async (each) => confirmed.set(await spool.addEvent(event(each)), each)));
      isFinished = true;
    } catch (error) {
      expect(error).toBeInstanceOf(PowerCut);
    }
    for (const variant of cutVariants) {
      const found = await readAll(await open(disk.afterPowerCut(variant)), 'events');
      const bySeq = new Map(found.map((each) => [each?.seq, each?.at]));
      for (const [seq, n] of confirmed) expect(bySeq.get(seq), JSON.stringify({ cutAt, variant })).toBe(n);
      expect(found.map((each) => each?.seq)).toEqual(found.map((_, index) => index + 1));
    }
    if (isFinished) return;
  }
});

test('a number is never given to a second content after a torn tail', async () => {
  const disk = new MemoryFileSystem();
  const spool = await open(disk);
  const first = await spool.addEvent(event(1));
  disk.cutAt = disk.operations + 2;
  await expect(spool.addEvent(event(2))).rejects.toBeInstanceOf(PowerCut);
  const again = await open(disk.afterPowerCut({ names: 'live', bytes: 'torn' }));
  expect(await again.addEvent(event(3))).toBe(first + 1);
  expect((await readAll(again, 'events')).map((each) => each?.at)).toEqual([1, 3]);
});

test('overflow drops the oldest telemetry, says how many windows, and keeps every event', async () => {
  const disk = new MemoryFileSystem();
  const spool = await open(disk, 1_000_000);
  for (let n = 1; n <= 5; n++) await spool.addEvent(event(n));
  for (let n = 1; n <= 60; n++) await spool.addWindows([window(n, 20_000), window(n, 20_000)]);
  expect(spool.sizeBytes).toBeLessThanOrEqual(1_000_000);
  expect((await readAll(spool, 'events')).map((each) => each?.at)).toEqual([1, 2, 3, 4, 5]);
  const telemetry = (await readAll(spool, 'telemetry')).map((each) => Telemetry.parse(each));
  const kept = telemetry.length * 2;
  expect(telemetry.at(-1)?.dropped).toBe(120 - kept);
  expect(telemetry[0]?.oldestSeq).toBe(61 - telemetry.length);
  const again = await open(disk.afterPowerCut(cutVariants[0]), 1_000_000);
  expect(Telemetry.parse(await again.message('telemetry', 60, 9)).dropped).toBe(120 - kept);
});

test('acknowledged segments are deleted, and numbering goes on after a restart', async () => {
  const disk = new MemoryFileSystem();
  const spool = await open(disk);
  for (let n = 1; n <= 40; n++) await spool.addWindows([window(n, 20_000)]);
  const before = spool.sizeBytes;
  await spool.acknowledge('telemetry', 40);
  expect(spool.sizeBytes).toBeLessThan(before / 2);
  expect(await (await open(disk.afterPowerCut(cutVariants[0]))).addWindows([window(41)])).toBe(41);
});

/** A disk whose next fsync waits for `release`. */
class SlowDisk extends MemoryFileSystem {
  gate: Promise<void> = Promise.resolve();
  release = () => {};

  hold() {
    this.gate = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  override async append(path: string) {
    const file = await super.append(path);
    return { ...file, sync: () => this.gate.then(() => file.sync()) };
  }
}

test('reading in the middle of an append gives every number its own content afterwards', async () => {
  const disk = new SlowDisk();
  const spool = await open(disk);
  await spool.addEvent(event(1));
  disk.hold();
  const second = spool.addEvent(event(2));
  await expect
    .poll(async () => Buffer.from((await disk.read('/d/spool/events/0000000000000001.seg')) ?? []).toString())
    .toContain('event 2');
  expect(await spool.message('events', 1, 9)).toMatchObject({ at: 1 });
  expect(await spool.message('events', 2, 9)).toBeNull();
  disk.release();
  await second;
  await spool.addEvent(event(3));
  for (const n of [1, 2, 3]) expect(await spool.message('events', n, 9)).toMatchObject({ seq: n, at: n });
});
