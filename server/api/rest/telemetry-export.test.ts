import { addToSketch, emptySketch, sketchToWire } from '@flotilla/protocol';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { Table } from '../../domain/telemetry/table.ts';
import { updateDevice } from '../../services/devices/update-device.ts';
import { demoRelease, onlineDevices } from '../../testing/fleet.ts';
import { createTestOrganization, type TestOrganization } from '../../testing/organizations.ts';
import { apiKey, restCalls } from '../../testing/rest-calls.ts';
import { fileFleet, type TestFleet } from '../../testing/test-fleet.ts';
import { fileAnswer } from './files/answer.ts';

const MINUTE_MS = 60_000;
let clock: TestFleet['clock'];
let deps: TestFleet['deps'];
let ours: TestFleet['ours'];
let key: string;
let deviceIds: string[];
/** The first minute with telemetry. */
let firstMs: number;

const keyOf = ({ owner }: TestOrganization, scope: 'telemetry:read' | 'devices:read' = 'telemetry:read') =>
  apiKey(deps, owner, [scope]);

/** Two devices with a window in each of five minutes: two inferences of 10 and 20 ms; the second device knows no power. */
const fleet = fileFleet(async (made) => {
  ({ clock, deps, ours } = made);
  const release = await demoRelease(deps, ours.owner, '1.0.0');
  const devices = await onlineDevices(deps, ours.owner, made.ingest, 'ab');
  deviceIds = devices.map(({ id }) => id);
  const nowMs = clock.now().getTime();
  firstMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - 10 * MINUTE_MS;
  const run = emptySketch();
  for (const each of [10, 20]) addToSketch(run, each);
  for (const [at, device] of devices.entries()) {
    const windows = Array.from({ length: 5 }, (_, minute) => ({
      agoMs: nowMs - (firstMs + minute * MINUTE_MS + 1_000),
      ...{ releaseId: release.id, durationMs: 1_000, inferences: 2, errors: 0 },
      latencyMs: { run: sketchToWire(run) },
      powerW: at === 0 ? 3 : undefined,
      netRxBytes: at === 0 ? 48_211 : undefined,
    }));
    await device.measures(...windows);
  }
  await updateDevice(deps, ours.owner, { deviceId: deviceIds[0] ?? '', labels: { site: 'oslo' } });
  key = await keyOf(ours);
});

const range = () => ({ from: new Date(firstMs).toISOString(), to: new Date(firstMs + 10 * MINUTE_MS).toISOString() });
const call = restCalls(() => ({ deps, key }));
const post = (path: string, body: object, by = key) => call('POST', path, { body, by });
const linesOf = async (answer: Response) => (await answer.text()).trimEnd().split('\r\n');
const parquetOf = async (answer: Response) => {
  const file = await answer.arrayBuffer();
  return { columns: parquetMetadata(file).schema, rows: await parquetReadObjects({ file }) };
};

describe('series', () => {
  const query = () => ({ ...range(), metrics: ['throughput_per_s', 'power_w'], groupBy: 'device', points: 10 });

  it('are a CSV file to save, with the same numbers as the query', async () => {
    const answer = await post('/telemetry/export', query());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="telemetry-\d{8}T\d{4}-\d{8}T\d{4}\.csv"$/,
    );
    const [head, ...rows] = await linesOf(answer);
    expect(head).toBe('at,step_s,device_id,device,throughput_per_s,throughput_per_s_n,power_w,power_w_n');
    const { series } = await (await post('/telemetry/query', query())).json();
    const expected = series.flatMap(
      (each: { key: string; metric: string; points: { at: string; value: number; n: number }[] }) =>
        each.metric === 'throughput_per_s'
          ? each.points.map(({ at, value, n }) => {
              const isFirst = each.key === deviceIds[0];
              return `${at},60,${each.key},${isFirst ? 'a' : 'b'},${value},${n},${isFirst ? 3 : ''},${n}`;
            })
          : [],
    );
    expect(expected).toHaveLength(10);
    expect(rows.toSorted()).toEqual(expected.toSorted());
  });

  it('are a Parquet file that says the same', async () => {
    const answer = await post('/telemetry/export', { ...query(), format: 'parquet' });
    expect(answer.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const { columns, rows } = await parquetOf(answer);
    expect(columns.slice(1, 4)).toMatchObject([
      { name: 'at', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
      { name: 'step_s', type: 'DOUBLE' },
      { name: 'device_id', converted_type: 'UTF8' },
    ]);
    expect(rows).toHaveLength(10);
    expect(rows.find(({ device_id }) => device_id === deviceIds[1])).toEqual({
      at: new Date(firstMs),
      step_s: 60,
      device_id: deviceIds[1],
      device: 'b',
      throughput_per_s: 2,
      throughput_per_s_n: 2,
      power_w: null,
      power_w_n: 2,
    });
  });
});

describe('a selector', () => {
  const sumOf = async (more: object) => {
    const query = { ...range(), metrics: ['throughput_per_s'], points: 10, ...more };
    const { series } = await (await post('/telemetry/query', query)).json();
    return series.flatMap((each: { points: { n: number }[] }) => each.points.map(({ n }) => n));
  };

  it('chooses the devices of a query, and with named devices those in both', async () => {
    expect(await sumOf({})).toEqual(Array(5).fill(4));
    expect(await sumOf({ selector: 'site=oslo' })).toEqual(Array(5).fill(2));
    expect(await sumOf({ selector: 'site=oslo', deviceIds })).toEqual(Array(5).fill(2));
    expect(await sumOf({ selector: 'site=oslo', deviceIds: deviceIds.slice(1) })).toEqual([]);
    expect(await sumOf({ selector: 'site=bergen' })).toEqual([]);
  });

  it('chooses the devices of an export of windows', async () => {
    const [, ...rows] = await linesOf(await post('/telemetry/windows/export', { ...range(), selector: 'site=oslo' }));
    expect(rows.map((row) => row.split(',')[0])).toEqual(Array(5).fill(deviceIds[0]));
  });
});

describe('windows', () => {
  it('are exported as they are stored', async () => {
    const [head = '', ...rows] = await linesOf(await post('/telemetry/windows/export', range()));
    expect(rows).toHaveLength(10);
    const cells = new Map(head.split(',').map((name, at) => [name, (rows[0] ?? '').split(',')[at]]));
    expect(Object.fromEntries(cells)).toMatchObject({
      version: 'vibration-fault 1.0.0',
      inferences: '2',
      duration_ms: '1000',
      net_rx_bytes: '48211',
      net_tx_bytes: '',
    });
    const { rows: typed } = await parquetOf(
      await post('/telemetry/windows/export', { ...range(), deviceIds: [deviceIds[1]], format: 'parquet' }),
    );
    expect(typed.map(({ start_at }) => start_at.getTime())).toEqual(
      Array.from({ length: 5 }, (_, minute) => firstMs + minute * MINUTE_MS + 1_000),
    );
    expect(typed[0]).toMatchObject({
      device: 'b',
      seq: 1,
      position: 0,
      inferences: 2,
      power_w: null,
      net_rx_bytes: null,
    });
    expect(Math.abs((typed[0]?.latency_p50_ms ?? 0) - 10)).toBeLessThanOrEqual(0.1);
  });

  it('of another organization are in no export, and without the scope there is none', async () => {
    const theirs = await createTestOrganization(fleet.db);
    for (const more of [{}, { deviceIds }])
      expect(
        await linesOf(await post('/telemetry/windows/export', { ...range(), ...more }, await keyOf(theirs))),
      ).toHaveLength(1);
    const answer = await post('/telemetry/windows/export', range(), await keyOf(ours, 'devices:read'));
    expect(answer.status).toBe(403);
  });

  it('of more than a month are refused with a reason', async () => {
    const from = new Date(firstMs - 40 * 86_400_000).toISOString();
    const answer = await post('/telemetry/windows/export', { ...range(), from });
    expect(answer.status).toBe(422);
    expect((await answer.json()).detail).toContain('at most 31 days');
  });
});

describe('a table', () => {
  const tableOf = (rows: AsyncIterable<(string | null)[]>): Table => ({
    columns: [{ name: 'name', type: 'text' }],
    rows,
  });

  it('without rows is a file that can be read', async () => {
    async function* none(): AsyncGenerator<string[]> {}
    expect(await linesOf(fileAnswer(tableOf(none()), 'csv', 'x'))).toEqual(['name']);
    expect((await parquetOf(fileAnswer(tableOf(none()), 'parquet', 'x'))).rows).toEqual([]);
  });

  it('keeps what a name holds, and is carried out by no spreadsheet', async () => {
    async function* names(): AsyncGenerator<(string | null)[]> {
      for (const name of ['a,b', 'say "hi"', '=1+1', null, 'é']) yield [name];
    }
    expect(await linesOf(fileAnswer(tableOf(names()), 'csv', 'x'))).toEqual([
      'name',
      '"a,b"',
      '"say ""hi"""',
      "'=1+1",
      '',
      'é',
    ]);
  });

  it('of many row groups is read while it is sent, and is whole', async () => {
    let given = 0;
    async function* many(): AsyncGenerator<string[]> {
      for (; given < 100_000; given += 1) yield [`row ${given}`];
    }
    const reader = fileAnswer(tableOf(many()), 'parquet', 'x').body?.getReader();
    const chunks: Uint8Array[] = [];
    let givenAtFirst = 0;
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      if (chunks.length === 0) givenAtFirst = given;
      chunks.push(next.value);
    }
    expect(givenAtFirst).toBeLessThan(100_000);
    const file = Buffer.concat(chunks);
    const rows = await parquetReadObjects({ file: file.buffer.slice(file.byteOffset, file.byteOffset + file.length) });
    expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: 100_000 }, (_, at) => `row ${at}`));
  });

  it('that fails on the way breaks the transfer off', async () => {
    async function* failing(): AsyncGenerator<string[]> {
      yield ['one'];
      throw new Error('the database went away');
    }
    await expect(fileAnswer(tableOf(failing()), 'csv', 'x').text()).rejects.toThrow();
  });
});
