import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { saveRollups } from '../../db/ingest/rollups.ts';
import { inTransaction } from '../../db/ingest/transaction.ts';
import { insertWindows, type WindowRow } from '../../db/ingest/windows.ts';
import { minutesOf, rollUp } from '../../domain/telemetry/rollup.ts';
import { wireToBytes } from '../../domain/telemetry/sketch-bytes.ts';
import { cpuSecondsOf } from '../cpu-seconds.ts';
import type { BenchDatabase } from '../database.ts';
import { insertDevices } from '../ingest/fleet.ts';
import { windowVariants } from '../windows.ts';
import { copyDay, settle } from './copy-day.ts';

const DAY_MS = 86_400_000;
const BATCH = 5_000;

/** Of PostgreSQL's memory for pages more than there is: an empty page costs less than one that another must leave first. */
const WARM_UP = 1_200_000;

/** Stored after a rest, before anything is measured: this process let go of memory and of compiled code while the database worked alone. */
const AFTER_REST = 200_000;

/** Windows that are stored before those that a run asks for. */
export const STORED_BEFORE = WARM_UP + AFTER_REST;

/** Rollups are made from about so many windows at a time. */
const ROLLUP_BATCH = 6_000;

const VERSION = '0197f000-0000-7000-8000-0000000000b0';

/** `cpuSeconds`: processor time of the database and of this process, which other programs on the machine do not stretch. */
export type FillRate = { rows: number; seconds: number; cpuSeconds: number };
type Options = { database: BenchDatabase; pool: pg.Pool; devices: number; fromMs: number; days: number };

/** Stores windows as ingest does, by the same code, without the way there. */
export class Filler {
  readonly organizationId: string;
  readonly deviceIds: readonly string[];
  private readonly options: Options;
  private readonly boot = randomUUID();
  private readonly variants = windowVariants().map((window) => ({
    window,
    latency: wireToBytes(window.latencyMs.run),
  }));
  private seq = 0;

  private constructor(options: Options, organizationId: string, deviceIds: readonly string[]) {
    this.options = options;
    this.organizationId = organizationId;
    this.deviceIds = deviceIds;
  }

  /** With a partition for each day, and for the day before. */
  static async start(options: Options): Promise<Filler> {
    const { database, devices, fromMs, days } = options;
    const ids = Array.from({ length: devices }, () => uuidv7());
    for (const [table, column, fill] of [
      ['telemetry_window', 'start_at', 100],
      ['telemetry_minute', 'bucket_at', 85],
    ])
      await database.client.query('SELECT ensure_daily_partitions($1, $2, $3::date, $4::date, $5)', [
        table,
        column,
        new Date(fromMs - DAY_MS),
        new Date(fromMs + days * DAY_MS),
        fill,
      ]);
    return new Filler(options, await insertDevices(database.client, ids), ids);
  }

  /**
   * Stores `rows` windows, evenly over days and devices, in order of time. Returns how fast the first and the last `measured` went, both from a
   * database that owes no more than what came after the rest; the days between them are copies, because nothing is measured of them but their
   * weight.
   */
  async fill(
    rows: number,
    measured: number,
    say: (line: string) => void,
  ): Promise<{ first: FillRate; last: FillRate }> {
    const { days, fromMs } = this.options;
    const perDeviceDay = Math.ceil(rows / days / this.deviceIds.length);
    const perDay = perDeviceDay * this.deviceIds.length;
    const [first, last] = [
      { rows: 0, seconds: 0, cpuSeconds: 0 },
      { rows: 0, seconds: 0, cpuSeconds: 0 },
    ];
    const lastFrom = days * perDay - measured;
    let isSettled = false;
    await this.warmUp();
    for (let day = 0; day < days; day += 1) {
      const startMs = fromMs + day * DAY_MS;
      if ((day + 1) % 5 === 0) say(`  up to ${(day + 1) * perDay} windows`);
      if (day * perDay >= measured && (day + 1) * perDay <= lastFrom - AFTER_REST) {
        await copyDay(this.options.database.client, startMs, perDay);
        this.seq += perDay;
        continue;
      }
      for (let at = 0; at < perDay; at += BATCH) {
        const stored = day * perDay + at;
        const into = stored < measured ? first : stored >= lastFrom ? last : null;
        if (!isSettled && stored >= lastFrom - AFTER_REST) {
          await settle(this.options.database.client);
          isSettled = true;
        }
        const count = Math.min(BATCH, perDay - at);
        const batch = Array.from({ length: count }, (_, n) => this.row(at + n, startMs, perDeviceDay));
        await this.timed(into, count, () => this.store(batch));
      }
      await this.addDayRollups(startMs, perDeviceDay);
    }
    return { first, last };
  }

  /**
   * Stores windows and rollups of the day before: code that is compiled or given up meanwhile, or a database whose memory has room, would make
   * the two ends unlike.
   */
  private async warmUp(): Promise<void> {
    const { database, fromMs } = this.options;
    const perDeviceDay = Math.ceil(STORED_BEFORE / this.deviceIds.length);
    const storeFrom = async (from: number, to: number) => {
      for (let at = from; at < to; at += BATCH)
        await this.store(Array.from({ length: BATCH }, (_, n) => this.row(at + n, fromMs - DAY_MS, perDeviceDay)));
    };
    await storeFrom(0, WARM_UP);
    await this.addDayRollups(fromMs - DAY_MS, perDeviceDay);
    await settle(database.client);
    await storeFrom(WARM_UP, STORED_BEFORE);
  }

  /** A day of one device with a window every 15 s, whatever the others have. */
  async fillDay(device: number, startMs: number): Promise<void> {
    const rows = this.day(device, device + 1, startMs + 1, DAY_MS / 15_000);
    await this.store(rows);
    await this.addRollups(rows);
  }

  private async timed(into: FillRate | null, rows: number, work: () => Promise<void>): Promise<void> {
    if (!into) return work();
    const [startedMs, startedCpuS] = [performance.now(), await this.cpuSeconds()];
    await work();
    into.rows += rows;
    into.seconds += (performance.now() - startedMs) / 1000;
    into.cpuSeconds += (await this.cpuSeconds()) - startedCpuS;
  }

  private async cpuSeconds(): Promise<number> {
    const { user, system } = process.cpuUsage();
    return (await cpuSecondsOf(await this.options.database.pid())) + (user + system) / 1e6;
  }

  private store(rows: readonly WindowRow[]): Promise<void> {
    return inTransaction(this.options.pool, (client) => insertWindows(client, rows));
  }

  private async addDayRollups(startMs: number, perDeviceDay: number): Promise<void> {
    const together = Math.max(1, Math.floor(ROLLUP_BATCH / perDeviceDay));
    for (let device = 0; device < this.deviceIds.length; device += together)
      await this.addRollups(this.day(device, device + together, startMs, perDeviceDay));
  }

  private async addRollups(rows: readonly WindowRow[]): Promise<void> {
    for (let at = 0; at < rows.length; at += ROLLUP_BATCH)
      await inTransaction(this.options.pool, (client) =>
        saveRollups(client, rollUp(minutesOf(rows.slice(at, at + ROLLUP_BATCH)))),
      );
  }

  /** A day of some devices. */
  private day(from: number, to: number, startMs: number, perDeviceDay: number): WindowRow[] {
    const count = this.deviceIds.length;
    const numbers = Array.from({ length: Math.min(to, count) - from }, (_, at) => from + at);
    return numbers.flatMap((device) =>
      Array.from({ length: perDeviceDay }, (_, turn) => this.row(turn * count + device, startMs, perDeviceDay)),
    );
  }

  /** The n-th window of a day: devices take turns. */
  private row(n: number, dayMs: number, perDeviceDay: number): WindowRow {
    const device = n % this.deviceIds.length;
    const turn = Math.floor(n / this.deviceIds.length);
    const variant = this.variants[(n * 7 + device) % this.variants.length];
    const deviceId = this.deviceIds[device];
    if (!variant || !deviceId) throw new Error('there are variants and devices');
    const startAt = new Date(dayMs + Math.floor((turn * DAY_MS) / perDeviceDay));
    this.seq += 1;
    return {
      organizationId: this.organizationId,
      deviceId,
      boot: this.boot,
      seq: this.seq,
      position: 0,
      startAt,
      receivedAt: startAt,
      window: variant.window,
      latency: variant.latency,
      versionId: VERSION,
    };
  }
}
