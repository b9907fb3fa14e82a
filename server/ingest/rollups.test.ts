import { addToSketch, emptySketch, sketchToWire, topicOf } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { fold } from '../db/ingest/fold.ts';
import { inTransaction } from '../db/ingest/transaction.ts';
import { forTenant } from '../db/scope.ts';
import { sumTelemetry, type TelemetryBucket } from '../db/telemetry.ts';
import { deleteOldTelemetry, ensurePartitions } from '../db/upkeep.ts';
import { metricOf, metrics } from '../domain/telemetry/metrics.ts';
import { NIL_ID } from '../domain/telemetry/rollup.ts';
import { sketchFromBytes, sketchToBytes } from '../domain/telemetry/sketch-bytes.ts';
import { demoRelease, ingestInto, onlineDevices, type TestDevice } from '../testing/fleet.ts';
import { createTestOrganization } from '../testing/organizations.ts';
import { type TestFleet, testFleet } from '../testing/test-fleet.ts';
import { commitBatch } from './batch.ts';
import { parseMessage } from './parse-message.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let ingest: TestFleet['ingest'];
let pool: TestFleet['pool'];
let releaseId: string;
let devices: TestDevice[];
const fleet = testFleet(async (made) => {
  ({ clock, deps, ours, ingest, pool } = made);
  releaseId = (await demoRelease(deps, ours.owner, '1.0.0')).id;
  devices = await onlineDevices(deps, ours.owner, ingest, 'abc');
});

/** A message of the device with windows that began this long ago, each with a latency, power and labels of its own. */
function message(device: TestDevice, agesMs: readonly number[]) {
  const seq = device.seq + 1;
  const windows = agesMs.map((agoMs, at) => {
    const run = emptySketch();
    for (let n = 1; n <= 5; n += 1) addToSketch(run, ((seq * 7 + at * 3 + n) % 40) / 4);
    return {
      ...{ agoMs, releaseId, durationMs: 15_000 + at },
      inferences: 5,
      errors: at % 2,
      latencyMs: { run: sketchToWire(run) },
      energyJ: at === 1 ? undefined : 2.5,
      powerW: at === 1 ? undefined : 3 + at,
      powerSource: at === 1 ? undefined : ('estimate' as const),
      labelled: { n: 5, correct: (seq + at) % 6 },
    };
  });
  return device.telemetry(...windows);
}
const read = (group: 'none' | 'device' | 'version', fromMs: number, stepMs: number) =>
  sumTelemetry(
    forTenant(fleet.db, ours.owner.organizationId),
    { from: new Date(fromMs), to: clock.now() },
    group,
    stepMs,
  );
const shown = (bucket: TelemetryBucket) => ({
  key: bucket.key,
  startAt: bucket.startAt,
  windows: bucket.windows,
  sources: bucket.powerSources,
  values: metrics.map((metric) => metricOf(metric, bucket)?.toFixed(6) ?? null),
});
const alignedFrom = (ms: number) => Math.floor((clock.now().getTime() - 2 * DAY) / ms) * ms;

test.each([
  ['none', 'never'],
  ['device', 'never'],
  ['none', 'now and then'],
  ['device', 'now and then'],
  ['version', 'now and then'],
] as const)(
  'minutes, hours and days by %s, folded %s, say what the windows say, whatever comes late, twice or out of order',
  async (group, folded) => {
    const late = [];
    for (let round = 0; round < 8; round += 1)
      for (const device of devices) {
        const told = message(device, [20_000 + round * 1000, round * 7 * MINUTE + 1, round * 3 * HOUR + 40_000]);
        if (round % 3 === 0) late.push({ device, told });
        else await ingest(device.id, 'telemetry', told, told);
        if (folded !== 'never' && round % 3 === 1) await fleet.fold(2);
      }
    for (const { device, told } of late.reverse()) await ingest(device.id, 'telemetry', told);
    for (const { device, told } of late) await ingest(device.id, 'telemetry', told);
    for (const stepMs of [MINUTE, 5 * MINUTE, HOUR, 3 * HOUR, DAY]) {
      const fromMs = alignedFrom(stepMs);
      const rollups = (await read(group, fromMs, stepMs)).map(shown);
      // A grid that begins a millisecond early fits no rollup, so that the windows themselves answer.
      const windows = (await read(group, fromMs - 1, stepMs)).map(shown);
      expect(rollups.length).toBeGreaterThan(0);
      expect(rollups).toEqual(windows.map((row) => ({ ...row, startAt: new Date(row.startAt.getTime() + 1) })));
    }
  },
);

/** As many folds as a lease would never let meet, each in small parts. */
const foldAtOnce = () =>
  Promise.all(
    [1, 2].map(() => inTransaction(pool, (client) => fold(client, { organizationId: NIL_ID, deviceId: NIL_ID }, 5))),
  );
const waiting = async () => {
  const id = [ours.owner.organizationId];
  return Number(
    (await pool.query('SELECT count(*) FROM telemetry_added WHERE organization_id = $1', id)).rows[0].count,
  );
};

test('the fleet’s rows add up when many batches and folds of several workers meet', async () => {
  const others = Array.from({ length: 3 }, () => ingestInto(fleet.databaseUrl, clock.now));
  try {
    await Promise.all(
      devices.map(async (device, at) => {
        for (let round = 0; round < 12; round += 1) {
          await others[at]?.ingest(device.id, 'telemetry', message(device, [20_000, 40_000]));
          if (round % 4 === at) await foldAtOnce();
        }
      }),
    );
    const sum = async () =>
      (await read('none', alignedFrom(DAY), DAY)).reduce((inferences, day) => inferences + day.inferences, 0);
    expect(await sum()).toBe(3 * 12 * 2 * 5);
    await fleet.fold();
    expect([await sum(), await waiting()]).toEqual([3 * 12 * 2 * 5, 0]);
  } finally {
    for (const other of others) await other.pool.end();
  }
});

test('a row that many folds add to stays short, and says the same', async () => {
  const [device] = devices;
  if (!device) throw new Error('no device');
  for (let round = 0; round < 60; round += 1) {
    await ingest(device.id, 'telemetry', message(device, [20_000]));
    if (round % 2 === 1) await fleet.fold();
  }
  const { rows } = await pool.query(
    'SELECT windows::int, inferences::int, octet_length(latency) AS length, latency FROM telemetry_day WHERE device_id = $1',
    [device.id],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ windows: 60, inferences: 300 });
  expect(sketchFromBytes(rows[0].latency).count).toBe(300);
  const one = sketchToBytes(sketchFromBytes(rows[0].latency)).length;
  expect(rows[0].length).toBeLessThan(640 + 5 * one);
});

test('sources of power that differ are kept, each once', async () => {
  const [device] = devices;
  if (!device) throw new Error('no device');
  for (const powerSource of ['pmic', 'estimate', 'pmic', undefined, 'rapl', 'estimate']) {
    const told = message(device, [20_000]);
    await ingest(device.id, 'telemetry', { ...told, windows: told.windows.map((each) => ({ ...each, powerSource })) });
  }
  const sources = (await read('none', alignedFrom(DAY), DAY)).flatMap(({ powerSources }) => powerSources);
  expect(sources.sort()).toEqual(['estimate', 'pmic', 'rapl']);
});

test('a batch that fails adds nothing to the rollups either', async () => {
  const [device] = devices;
  if (!device) throw new Error('no device');
  const told = message(device, [20_000]);
  const window = { ...told.windows[0], inferences: 2 ** 70 };
  await expect(ingest(device.id, 'telemetry', { ...told, windows: [window] })).resolves.toEqual([]);
  const minutes = async () => (await read('none', alignedFrom(MINUTE), MINUTE)).map(({ windows }) => windows);
  await withoutRoomIn('telemetry_added', () => expect(ingest(device.id, 'telemetry', told)).rejects.toThrow('no_room'));
  expect(await minutes()).toEqual([]);
  await ingest(device.id, 'telemetry', told);
  expect(await minutes()).toEqual([1]);
});

test('a fold that fails takes nothing', async () => {
  const [device] = devices;
  if (!device) throw new Error('no device');
  await ingest(device.id, 'telemetry', message(device, [20_000]));
  const days = async () => (await read('device', alignedFrom(DAY), DAY)).map(({ windows }) => windows);
  await withoutRoomIn('telemetry_day', () => expect(fleet.fold()).rejects.toMatchObject({ constraint: 'no_room' }));
  expect([await days(), await waiting()]).toEqual([[1], 2]);
  await fleet.fold();
  expect([await days(), await waiting()]).toEqual([[1], 0]);
});

async function withoutRoomIn(table: string, act: () => Promise<unknown>): Promise<void> {
  await pool.query(`ALTER TABLE ${table} ADD CONSTRAINT no_room CHECK (windows < 1) NOT VALID`);
  try {
    await act();
  } finally {
    await pool.query(`ALTER TABLE ${table} DROP CONSTRAINT no_room`);
  }
}

test('of telemetry the database samples its key alone, in partitions that are made later too', async () => {
  await pool.query(`SELECT ensure_daily_partitions('telemetry_window', 'start_at', '2020-02-01', '2020-02-01', 100)`);
  const { rows } = await pool.query<{ name: string; target: number | null }>(
    `SELECT a.attname AS name, a.attstattarget AS target FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relkind = 'r' AND c.relname ~ '^(telemetry_(window|minute|hour|day|added)|monitoring_hour)' AND a.attnum > 0 AND NOT a.attisdropped`,
  );
  const sampled = new Set(rows.filter(({ target }) => target !== 0).map(({ name }) => name));
  const times = ['start_at', 'bucket_at', 'hour_at'];
  const keys = ['organization_id', 'device_id', 'version_id', 'slot', ...times, 'boot', 'seq', 'position'];
  expect([...sampled].toSorted()).toEqual(keys.toSorted());
  expect(rows.filter(({ target }) => target === null || target > 10)).toEqual([]);
});

test('telemetry goes when its organization no longer keeps it, whole days by their partition', async () => {
  const theirs = await createTestOrganization(fleet.db);
  await pool.query(
    'UPDATE organization SET keep_windows_days = 1, keep_minutes_days = 2, keep_hours_days = 3 WHERE id = $1',
    [ours.owner.organizationId],
  );
  await pool.query('UPDATE organization SET keep_windows_days = 4, keep_minutes_days = 5 WHERE id <> $1', [
    ours.owner.organizationId,
  ]);
  await ensurePartitions(fleet.db);
  for (const [table, column] of [
    ['telemetry_window', 'start_at'],
    ['telemetry_minute', 'bucket_at'],
  ])
    await pool.query(`SELECT ensure_daily_partitions($1, $2, (now() - interval '9 days')::date, now()::date, 90)`, [
      table,
      column,
    ]);
  const realNow = Date.now();
  for (const organizationId of [ours.owner.organizationId, theirs.owner.organizationId])
    for (const days of [0, 1, 2, 3, 4, 5, 6, 7, 900])
      await insertOld(organizationId, new Date(realNow - days * DAY - HOUR));
  await deleteOldTelemetry(fleet.db);
  const left = async (table: string, column: string, id: string) =>
    Number(
      (await pool.query(`SELECT count(DISTINCT ${column}) FROM ${table} WHERE organization_id = $1`, [id])).rows[0]
        .count,
    );
  const [us, them] = [ours.owner.organizationId, theirs.owner.organizationId];
  expect(await left('telemetry_window', 'start_at', us)).toBe(1);
  expect(await left('telemetry_minute', 'bucket_at', us)).toBe(2);
  expect(await left('telemetry_hour', 'bucket_at', us)).toBe(3);
  expect(await left('telemetry_day', 'bucket_at', us)).toBe(9);
  for (const table of ['telemetry_window_default', 'telemetry_minute_default'])
    expect(
      (await pool.query(`SELECT organization_id FROM ${table}`)).rows,
      'what came from before the first day',
    ).toEqual([]);
  expect(await left('telemetry_window', 'start_at', them)).toBeGreaterThanOrEqual(4);
  expect(await left('telemetry_window', 'start_at', them)).toBeLessThanOrEqual(5);
  const { rows } = await pool.query(
    `SELECT 1 FROM pg_class WHERE relname = 'telemetry_window_' || to_char((now() AT TIME ZONE 'UTC')::date - 8, 'YYYYMMDD')`,
  );
  expect(rows, 'partitions of days that nobody keeps').toEqual([]);
});

async function insertOld(organizationId: string, at: Date): Promise<void> {
  const latency = sketchToBytes(emptySketch());
  await pool.query(
    `INSERT INTO telemetry_window (organization_id, device_id, start_at, duration_ms, slot, release_id, boot, seq, position, received_at, inferences, errors, latency_run)
     VALUES ($1, uuidv7(), $2, 1, 'default', uuidv7(), uuidv7(), 1, 0, $2, 1, 0, $3)`,
    [organizationId, at, latency],
  );
  for (const table of ['telemetry_minute', 'telemetry_hour', 'telemetry_day'])
    await pool.query(
      `INSERT INTO ${table} (organization_id, device_id, bucket_at, slot, version_id, windows, inferences, errors, duration_ms, latency, energy_inferences, power_w_ms,
         power_ms, power_sources, cpu_pct_sum, cpu_pct_n, temp_c_sum, temp_c_n, labelled_n, labelled_correct, throttled)
       VALUES ($1, uuidv7(), $2, 'default', uuidv7(), 1, 1, 0, 1, $3, 0, 0, 0, '', 0, 0, 0, 0, 0, 0, false)`,
      [organizationId, at, latency],
    );
}

test('a release counts for the organization that it belongs to, also when another names it in the same batch', async () => {
  const theirs = await createTestOrganization(fleet.db);
  const [stranger] = await onlineDevices(deps, theirs.owner, ingest, 'a');
  const [own] = devices;
  if (!own || !stranger) throw new Error('there is no device');
  const messages = [own, stranger].flatMap((device) => {
    const parsed = parseMessage({
      topic: topicOf(device.id, 'telemetry'),
      payload: Buffer.from(JSON.stringify(message(device, [MINUTE]))),
      receivedAt: clock.now(),
    });
    return parsed?.ok ? [parsed.message] : [];
  });
  for (const batch of [messages, messages.toReversed()]) await commitBatch(pool, batch, [], clock.now());
  const { rows } = await pool.query(
    'SELECT device_id, version_id IS NOT NULL AS counts FROM telemetry_window WHERE device_id = ANY($1)',
    [[own.id, stranger.id]],
  );
  expect(new Map(rows.map((row) => [row.device_id, row.counts]))).toEqual(
    new Map([
      [own.id, true],
      [stranger.id, false],
    ]),
  );
  const { rows: said } = await pool.query(
    'SELECT DISTINCT device_id FROM monitoring_by_hour WHERE device_id = ANY($1)',
    [[own.id, stranger.id]],
  );
  expect(said).toEqual([{ device_id: own.id }]);
});
