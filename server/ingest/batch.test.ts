import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { topicOf } from '@flotilla/protocol';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { listEvents } from '../db/device-detail.ts';
import { forTenant } from '../db/scope.ts';
import { createLogger } from '../platform/logger.ts';
import { decommissionDevice } from '../services/devices/decommission-device.ts';
import { enrollTestDevice } from '../testing/enrollment.ts';
import { ingestInto, TestDevice } from '../testing/fleet.ts';
import { type TestFleet, testFleet } from '../testing/test-fleet.ts';
import { IngestPipeline } from './pipeline.ts';
import type { DeviceAck } from './spools.ts';

const fixture = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../agent/protocol/fixtures/v1/${name}.json`), 'utf8'));
let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let ingest: TestFleet['ingest'];
let pool: TestFleet['pool'];
let device: TestDevice;
const fleet = testFleet(async (made) => {
  ({ clock, deps, ours, ingest, pool } = made);
  device = await newDevice('a');
});

async function newDevice(name: string): Promise<TestDevice> {
  return new TestDevice((await enrollTestDevice(deps, ours.owner, name)).deviceId, ingest, clock.now);
}
const event = (seq: number, more: object = {}) => ({
  boot: device.boot,
  seq,
  oldestSeq: 1,
  at: clock.now().getTime(),
  kind: 'agent',
  message: `number ${seq}`,
  ...more,
});
const telemetry = (seq: number, more: object = {}) => {
  const nowMs = clock.now().getTime();
  const [window] = fixture('telemetry').windows;
  return {
    boot: device.boot,
    seq,
    oldestSeq: 1,
    sentAt: nowMs,
    windows: [{ ...window, startMs: nowMs - 15_000 }],
    ...more,
  };
};
const eventsOf = async (deviceId = device.id) =>
  (await fleet.db.deviceEvent.findMany({ where: { deviceId }, orderBy: { seq: 'asc' } })).map(({ seq }) => Number(seq));
const windowsOf = async (deviceId = device.id) =>
  (await pool.query('SELECT seq FROM telemetry_window WHERE device_id = $1 ORDER BY seq', [deviceId])).rows.map(
    ({ seq }) => Number(seq),
  );
const rowOf = (id = device.id) => fleet.db.device.findUniqueOrThrow({ where: { id } });
const slotOf = (deviceId = device.id) => fleet.db.deviceSlot.findFirst({ where: { deviceId } });
const refusedOf = async (deviceId = device.id) =>
  (await fleet.db.refusedMessage.findMany({ where: { deviceId }, orderBy: [{ kind: 'asc' }, { code: 'asc' }] })).map(
    ({ kind, code, count }) => `${kind} ${code} ${count}`,
  );

describe('a spool', () => {
  it('that comes twice is stored once, and acknowledged the same', async () => {
    const both = [
      await ingest(device.id, 'events', event(1), event(2)),
      await ingest(device.id, 'events', event(1), event(2)),
    ];
    expect(both[0]).toEqual([{ deviceId: device.id, ack: { boot: device.boot, telemetrySeq: 0, eventSeq: 2 } }]);
    expect(both[1]).toEqual(both[0]);
    for (let time = 0; time < 2; time += 1) await ingest(device.id, 'telemetry', telemetry(1), telemetry(1));
    expect([await eventsOf(), await windowsOf()]).toEqual([[1, 2], [1]]);
  });

  it('is the same whatever case its boot is written in, and is answered in its own', async () => {
    const boot = device.boot.toUpperCase();
    await ingest(device.id, 'telemetry', telemetry(1));
    expect(await ingest(device.id, 'telemetry', telemetry(1, { boot }), telemetry(2))).toEqual([
      { deviceId: device.id, ack: { boot, telemetrySeq: 2, eventSeq: 0 } },
    ]);
    expect(await windowsOf()).toEqual([1, 2]);
  });

  it('gives its events back as the device told them', async () => {
    const reason = { code: 'download.network', detail: 'reset', retry: 'never' };
    const told = event(7, {
      kind: 'phase',
      slot: 'main',
      deployment: uuidv7(),
      from: 'observing',
      to: 'reverting',
      reason,
    });
    await ingest(device.id, 'events', told, event(8, { newer: { than: 'this server' } }));
    const scope = forTenant(fleet.db, ours.organizationId);
    const kept = await listEvents(scope, device.id, { limit: 10 });
    const { oldestSeq: _, ...whole } = told;
    expect(kept.map(({ event: each }) => each)).toEqual([
      expect.objectContaining({ newer: { than: 'this server' } }),
      whole,
    ]);
  });

  it('is acknowledged up to the first gap, and no further', async () => {
    const ackOf = (acks: DeviceAck[]) => acks[0]?.ack.telemetrySeq;
    expect(ackOf(await ingest(device.id, 'telemetry', telemetry(3), telemetry(1)))).toBe(1);
    expect(ackOf(await ingest(device.id, 'telemetry', telemetry(2)))).toBe(3);
    expect(ackOf(await ingest(device.id, 'telemetry', telemetry(9, { oldestSeq: 8 })))).toBe(7);
    expect(await windowsOf()).toEqual([1, 2, 3, 9]);
  });

  it('of a new boot starts again', async () => {
    await ingest(device.id, 'events', event(1), event(2));
    const boot = uuidv7();
    expect(await ingest(device.id, 'events', event(1, { boot }))).toEqual([
      { deviceId: device.id, ack: { boot, telemetrySeq: 0, eventSeq: 1 } },
    ]);
    expect(await eventsOf()).toEqual([1, 1, 2]);
  });

  it('has its telemetry committed while somebody else holds its device, and its events once that one is done', async () => {
    await ingest(device.id, 'telemetry', telemetry(1));
    const holder = await pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM device WHERE id = $1 FOR UPDATE', [device.id]);
    clock.forwardMs(15_000);
    const other = ingestInto(fleet.databaseUrl, clock.now);
    let isKept = false;
    try {
      await other.ingest(device.id, 'telemetry', telemetry(2));
      expect(await windowsOf()).toEqual([1, 2]);
      const events = other.ingest(device.id, 'events', event(1)).then(() => {
        isKept = true;
      });
      await delay(100);
      expect(isKept).toBe(false);
      await holder.query('COMMIT');
      await events;
    } finally {
      holder.release();
      await other.pool.end();
    }
    expect(await eventsOf()).toEqual([1]);
    expect((await rowOf()).lastHeardAt).toEqual(clock.now());
  });

  it('of a device whose clock is an hour behind lands on the server’s clock', async () => {
    const behindMs = 3_600_000;
    const body = telemetry(1);
    const [window] = body.windows;
    await ingest(device.id, 'telemetry', {
      ...body,
      sentAt: body.sentAt - behindMs,
      windows: [{ ...window, startMs: window.startMs - behindMs }],
    });
    const { rows } = await pool.query('SELECT start_at FROM telemetry_window WHERE device_id = $1', [device.id]);
    expect(rows).toEqual([{ start_at: new Date(clock.now().getTime() - 15_000) }]);
    expect((await rowOf()).clockOffsetMs).toBe(behindMs);
  });
});

it('facts are written whenever they are others than those stored', async () => {
  const { facts } = fixture('reported');
  for (const hostname of ['first', 'second', 'second', 'first']) {
    await device.reports('idle', null, null, {}, 'default', { ...facts, hostname });
    expect((await rowOf()).facts).toEqual({ ...facts, hostname });
  }
});

describe('a session', () => {
  it('makes a device online, and its last will offline', async () => {
    await device.says(true);
    expect(await rowOf()).toMatchObject({ online: true, lastHeardAt: clock.now() });
    await device.says(false);
    expect((await rowOf()).online).toBe(false);
  });

  it('that ended before the newest birth does not take the device offline, in one batch or later', async () => {
    await device.says(true, 2);
    await device.says(false, 1);
    expect((await rowOf()).online).toBe(true);
    const say = (online: boolean, session: number) => ({
      online,
      session,
      boot: device.boot,
      agentVersion: '1',
      protocol: 1,
      at: 0,
    });
    await ingest(device.id, 'session', say(true, 4), say(false, 3));
    expect(await rowOf()).toMatchObject({ online: true, session: 4n });
  });
});

describe('a report', () => {
  const reported = (session: number, rev: number, phase: string) => ({
    session,
    rev,
    generation: 1,
    slots: { default: { phase, since: 0 } },
  });

  it.each([
    ['late', reported(2, 4, 'accepted')],
    ['twice', reported(2, 5, 'accepted')],
    ['of an older session', reported(1, 99, 'accepted')],
  ])('%s changes nothing', async (_, late) => {
    await ingest(device.id, 'reported', reported(2, 5, 'proving'));
    await ingest(device.id, 'reported', late);
    expect(await slotOf()).toMatchObject({ phase: 'proving' });
    expect(await rowOf()).toMatchObject({ reportedSession: 2n, reportedRev: 5n });
  });

  it('the newest of a batch counts, in whatever order they come', async () => {
    await ingest(device.id, 'reported', reported(2, 7, 'active'), reported(3, 1, 'idle'), reported(2, 6, 'proving'));
    expect(await slotOf()).toMatchObject({ phase: 'idle' });
  });

  it('about another device’s deployment moves nothing', async () => {
    await device.reports('active', { deployment: uuidv7(), releaseId: uuidv7() });
    expect(await slotOf()).toMatchObject({ phase: 'active' });
  });
});

describe('what is refused', () => {
  it('is counted by kind and reason, and costs the rest of its batch nothing', async () => {
    await ingest(
      device.id,
      'events',
      '{',
      event(1),
      { ...event(2), seq: 'two' },
      `"${'x'.repeat(17_000)}"`,
      'not json\0either',
    );
    await ingest(device.id, 'session', 'hello');
    await ingest(device.id, 'events', 'again');
    expect(await refusedOf()).toEqual([
      'events malformed 1',
      'events not_json 3',
      'events too_large 1',
      'session not_json 1',
    ]);
    expect(await eventsOf()).toEqual([1]);
  });

  it('of a device that is unknown or decommissioned is dropped without an answer', async () => {
    const gone = await newDevice('gone');
    await decommissionDevice(deps, ours.owner, { deviceId: gone.id });
    for (const id of [gone.id, uuidv7()]) {
      expect(await ingest(id, 'events', event(1))).toEqual([]);
      expect(await eventsOf(id)).toEqual([]);
    }
    expect(await ingest(uuidv7(), 'events', '{')).toEqual([]);
  });
});

describe('the pipeline', () => {
  const running = () => {
    const acks: DeviceAck[] = [];
    const pipeline = new IngestPipeline({
      pool,
      now: clock.now,
      logger: createLogger('test', 'silent'),
      acknowledge: (each) => acks.push(...each),
    });
    pipeline.start();
    const push = (deviceId: string, kind: 'events' | 'telemetry', body: unknown) =>
      pipeline.push({
        topic: topicOf(deviceId, kind),
        payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
        receivedAt: clock.now(),
      });
    return { acks, pipeline, push };
  };

  it('commits before it acknowledges, and commits all before it stops', async () => {
    const { acks, pipeline, push } = running();
    for (let seq = 1; seq <= 50; seq += 1) await push(device.id, 'events', event(seq));
    await pipeline.stop();
    expect(await eventsOf()).toHaveLength(50);
    expect(acks.at(-1)).toEqual({ deviceId: device.id, ack: { boot: device.boot, telemetrySeq: 0, eventSeq: 50 } });
  });

  it('a message that the database cannot store costs only itself, and is counted, and so is the garbage beside it', async () => {
    const other = await newDevice('b');
    const { pipeline, push } = running();
    await push(device.id, 'events', event(1));
    await push(device.id, 'events', event(2, { message: 'a\0b' }));
    await push(device.id, 'events', event(3));
    await push(device.id, 'telemetry', telemetry(1));
    await push(other.id, 'events', event(1));
    await push(device.id, 'events', '{');
    await pipeline.stop();
    expect([await eventsOf(), await windowsOf(), await eventsOf(other.id)]).toEqual([[1, 3], [1], [1]]);
    expect(await refusedOf()).toEqual(['events not_json 1', 'events not_stored 1']);
  });
});
