import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { build } from '../main/build.ts';
import { type AgentStand, startAgentStand } from '../testing/agent-stand.ts';
import type { Closers } from '../testing/cleaning-up.ts';
import { testDatabase } from '../testing/database.ts';

const program = resolve(import.meta.dirname, '../../agent/bench/spool-replay.ts');
const Replay = z.object({
  boot: z.uuid(),
  telemetry: z.number(),
  events: z.number(),
  published: z.number(),
  cuts: z.number(),
  timesRealTime: z.number(),
});

const database = testDatabase();
const closers: Closers = [];
let stand: AgentStand;
let dir: string;

beforeAll(async () => {
  await build(['agent'], () => {});
  stand = await startAgentStand(database.url(), closers);
  dir = await mkdtemp(join(tmpdir(), 'flotilla-replay-'));
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  await rm(dir, { recursive: true, force: true });
});

test('an hour without a connection is told in order, once and whole, five times faster than it passed, though cut off in the middle', async () => {
  await stand.enrollAgent(dir);
  const { stdout } = await promisify(execFile)(process.execPath, [program, dir, '1', '2'], { timeout: 90_000 });
  const replay = Replay.parse(JSON.parse(stdout));
  console.log(
    `  ${replay.telemetry} messages of windows and ${replay.events} events: ${replay.timesRealTime} × real time`,
  );
  expect(replay.timesRealTime).toBeGreaterThanOrEqual(5);
  expect(replay.cuts).toBe(1);
  const client = new pg.Client({ connectionString: database.url() });
  await client.connect();
  const { rows } = await client.query(
    `SELECT count(*)::int AS windows, count(DISTINCT (seq, position))::int AS distinct, count(DISTINCT start_at)::int AS starts,
            max(seq)::int AS last, bool_and(in_order) AS "isInOrder"
     FROM (SELECT seq, position, start_at, received_at >= lag(received_at, 1, received_at) OVER (ORDER BY seq, position) AS in_order
           FROM telemetry_window WHERE boot = $1) AS told`,
    [replay.boot],
  );
  const starts = 3_600 / 15;
  const all = { windows: 2 * starts, distinct: 2 * starts, starts, last: replay.telemetry, isInOrder: true };
  expect(rows).toEqual([all]);
  const events = await client.query(
    `SELECT count(*)::int AS events, count(DISTINCT seq)::int AS distinct, max(seq)::int AS last FROM device_event WHERE boot = $1`,
    [replay.boot],
  );
  expect(events.rows).toEqual([{ events: replay.events, distinct: replay.events, last: replay.events }]);
  await client.end();
});
