import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Window } from '@flotilla/protocol';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { saveRollups } from '../../db/ingest/rollups.ts';
import { ingestPool, inTransaction } from '../../db/ingest/transaction.ts';
import { minutesOf, rollUp } from '../../domain/telemetry/rollup.ts';
import { wireToBytes } from '../../domain/telemetry/sketch-bytes.ts';
import { CreateRollout, createRollout } from '../../services/rollouts/create-rollout.ts';
import { demoRelease, type TestDeps } from '../../testing/fleet.ts';
import type { TestOrganization } from '../../testing/organizations.ts';
import type { BenchDatabase } from '../database.ts';
import { windowVariants } from '../windows.ts';

const MINUTE_MS = 60_000;

/** Devices whose telemetry is made; the others have the same, at other times by chance of their number. */
const MEASURED = 50;

/** Every minute for so long, as the pages of now read it; before that, for a day, a window in a quarter of an hour. */
const MINUTES = 130;
const DAY_MINUTES = 24 * 60;

const facts = JSON.parse(
  await readFile(join(import.meta.dirname, '../../../agent/protocol/fixtures/v1/reported.json'), 'utf8'),
).facts;

export type FilledFleet = { rolloutId: string; waiting: string; versionIds: string[]; releaseId: string };

/**
 * A fleet of which most devices serve the next release: a rollout to all of them is over, and the next one is in its third wave, where some
 * are on their way, some failed, and some are dark. With an hour of telemetry by minute and a day by hour.
 */
export async function fillFleet(
  database: BenchDatabase,
  deps: TestDeps,
  { organizationId, owner }: TestOrganization,
  count: number,
): Promise<FilledFleet> {
  const { client } = database;
  const releases = [await demoRelease(deps, owner, '1.0.0'), await demoRelease(deps, owner, '2.0.0')] as const;
  await addDevices(client, organizationId, count);
  await client.query('INSERT INTO listening (since, until) VALUES (now() - $1::interval, now() + $1::interval)', [
    '1 day',
  ]);
  const rollOut = async (releaseId: string, waves?: object[]) =>
    (await createRollout(deps, owner, CreateRollout.parse({ releaseId, plan: { waves: waves ?? all }, start: true })))
      .id;
  const first = await rollOut(releases[0].id);
  await endFirst(client, first, releases[0].id);
  const rolloutId = await rollOut(releases[1].id, inWaves);
  await moveSome(client, rolloutId, releases[0].id, releases[1].id);
  const versionIds = releases.map(({ versionId }) => versionId);
  await addTelemetry(database.url, client, organizationId, versionIds);
  await client.query('VACUUM (ANALYZE)');
  const { rows } = await client.query<{ device_id: string }>(
    "SELECT device_id FROM deployment WHERE rollout_id = $1 AND state = 'queued' AND wave_position = 3 LIMIT 1",
    [rolloutId],
  );
  const waiting = rows[0]?.device_id;
  if (!waiting) throw new Error('a device waits');
  return { rolloutId, waiting, versionIds, releaseId: releases[1].id };
}

const bake = { seconds: 0 };
const all = [{ name: 'Everyone', size: { percent: 100 }, bake }];
const inWaves = [1, 10, 50, 100].map((percent) => ({
  name: `${percent} %`,
  size: { percent },
  bake: { seconds: 600 },
}));

async function addDevices(client: pg.Client, organizationId: string, count: number): Promise<void> {
  await client.query(
    `INSERT INTO device (id, organization_id, name, public_key, key_fingerprint, facts, online, online_changed_at, last_heard_at, clock_offset_ms)
     SELECT uuidv7(), $1, 'edge-' || lpad(n::text, 5, '0'), '', 'bench-' || n, $2::jsonb || jsonb_build_object('hostname', 'edge-' || n, 'cpuCores', 2 + 2 * (n % 3)),
       n % 33 <> 0, now() - interval '1 hour', CASE WHEN n % 33 = 0 THEN now() - interval '1 hour' ELSE now() - interval '5 s' END, 12
     FROM generate_series(1, $3::int) AS n`,
    [organizationId, JSON.stringify(facts), count],
  );
  for (const [key, value] of [
    ['site', "'site-' || ('x' || substr(md5(d.name), 1, 4))::bit(16)::int % 40"],
    ['line', "'line-' || ('x' || substr(md5(d.name), 5, 4))::bit(16)::int % 8"],
    ['stage', "CASE WHEN d.name LIKE '%00' THEN 'canary' ELSE 'production' END"],
  ])
    await client.query(
      `INSERT INTO device_label (organization_id, device_id, key, value) SELECT organization_id, id, '${key}', ${value} FROM device d WHERE organization_id = $1`,
      [organizationId],
    );
}

async function endFirst(client: pg.Client, id: string, releaseId: string): Promise<void> {
  await client.query(
    `INSERT INTO device_slot (organization_id, device_id, slot, phase, phase_since, serving_release_id, serving_since, report)
     SELECT organization_id, id, 'default', 'active', now() - interval '1 day', $1, now() - interval '1 day',
       jsonb_build_object('phase', 'active', 'since', (extract(epoch FROM now()) * 1000)::bigint - 86400000) FROM device`,
    [releaseId],
  );
  await client.query(
    `UPDATE deployment SET state = 'succeeded', state_since = now() - interval '1 day', notified_at = now() - interval '1 day',
       finished_at = now() - interval '1 day', tries = 1 WHERE rollout_id = $1`,
    [id],
  );
  await client.query("UPDATE wave SET state = 'passed', finished_at = now() - interval '1 day' WHERE rollout_id = $1", [
    id,
  ]);
  await client.query(
    "UPDATE rollout SET state = 'succeeded', started_at = now() - interval '1 day', finished_at = now() - interval '1 day' WHERE id = $1",
    [id],
  );
}

/** Two waves are over, the third is on; the fourth waits. */
async function moveSome(client: pg.Client, id: string, from: string, to: string): Promise<void> {
  await client.query(
    `WITH part AS (
       SELECT p.id, d.online, p.wave_position, row_number() OVER (ORDER BY d.id) % 100 AS place FROM deployment p JOIN device d ON d.id = p.device_id
       WHERE p.rollout_id = $1 AND p.wave_position <= 2
     ), moved AS (
       SELECT id, CASE WHEN NOT online THEN 'queued' WHEN place < 3 THEN 'rejected' WHEN wave_position < 2 OR place < 60 THEN 'succeeded'
         WHEN place < 75 THEN 'downloading' WHEN place < 80 THEN 'proving' WHEN place < 90 THEN 'notified' ELSE 'queued' END AS state FROM part
     )
     UPDATE deployment p SET state = moved.state, tries = 1, previous_release_id = $2, state_since = now() - interval '5 min',
       notified_at = CASE WHEN moved.state <> 'queued' THEN now() - interval '6 min' END,
       progress = CASE WHEN moved.state = 'downloading' THEN '{"bytes": 4000, "totalBytes": 40000}'::jsonb END,
       reason = CASE WHEN moved.state = 'rejected' THEN '{"code": "proof.golden", "detail": "Case 3 differs by 0.31.", "retry": "never"}'::jsonb END
     FROM moved WHERE moved.id = p.id`,
    [id, from],
  );
  await client.query(
    `UPDATE wave SET state = CASE WHEN position < 2 THEN 'passed' WHEN position = 2 THEN 'rolling' ELSE 'pending' END,
       started_at = CASE WHEN position <= 2 THEN now() - interval '1 hour' END, finished_at = CASE WHEN position < 2 THEN now() - interval '10 min' END,
       verdict = CASE WHEN position < 2 THEN '{"counts": {"total": 100, "considered": 100, "finished": 100, "succeeded": 98, "errors": 2, "moving": 0, "dark": 0}, "gates": []}'::jsonb END
     WHERE rollout_id = $1`,
    [id],
  );
  await client.query(
    `UPDATE device_slot s SET serving_release_id = $2, serving_since = p.state_since FROM deployment p
     WHERE p.rollout_id = $1 AND p.state = 'succeeded' AND s.device_id = p.device_id AND s.slot = p.slot`,
    [id, to],
  );
}

/** Rollups by the product's own code for some devices, copied to all that serve what they serve. */
async function addTelemetry(
  url: string,
  client: pg.Client,
  organizationId: string,
  versionIds: readonly string[],
): Promise<void> {
  const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  for (const table of ['telemetry_minute', 'telemetry_window'])
    await client.query('SELECT ensure_daily_partitions($1, $2, $3::date, $4::date, 70)', [
      table,
      table === 'telemetry_window' ? 'start_at' : 'bucket_at',
      new Date(now - 2 * 86_400_000),
      new Date(now + 86_400_000),
    ]);
  const minutes = Array.from({ length: DAY_MINUTES }, (_, at) => at + 1).filter(
    (ago) => ago <= MINUTES || ago % 15 === 0,
  );
  const variants = windowVariants().map((window) => ({ window, latency: wireToBytes(window.latencyMs.run) }));
  const stand = Array.from({ length: MEASURED }, () => uuidv7());
  const pool = ingestPool(url, 1);
  try {
    for (const [place, deviceId] of stand.entries())
      await inTransaction(pool, async (connection) => {
        const rows = minutes.flatMap((ago) => {
          const variant = variants[(ago * 7 + place) % variants.length];
          const window: Window | undefined = variant && { ...variant.window, durationMs: MINUTE_MS };
          const versionId = versionIds[place % versionIds.length] ?? null;
          return variant && window
            ? [
                {
                  organizationId,
                  deviceId,
                  versionId,
                  startAt: new Date(now - ago * MINUTE_MS),
                  window,
                  latency: variant.latency,
                },
              ]
            : [];
        });
        await saveRollups(connection, rollUp(minutesOf(rows)));
      });
  } finally {
    await pool.end();
  }
  await client.query(
    'CREATE TEMP TABLE stand AS SELECT id, place FROM unnest($1::uuid[]) WITH ORDINALITY AS g (id, place)',
    [stand],
  );
  for (const table of ['telemetry_minute', 'telemetry_hour', 'telemetry_day'])
    await copyToAll(client, table, versionIds);
}

/** The fleet's own rows are of the measured devices alone: as many, with smaller numbers in them. */
async function copyToAll(client: pg.Client, table: string, versionIds: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
    [table],
  );
  const names = rows.map(({ name }) => name);
  const values = names.map((name) => (name === 'device_id' ? 'd.id' : `t.${name}`));
  await client.query(
    `INSERT INTO ${table} (${names.join(', ')})
     SELECT ${values.join(', ')} FROM (
       SELECT d.id, row_number() OVER (PARTITION BY r.version_id ORDER BY d.id) AS place, array_position($1::uuid[], r.version_id) AS version
       FROM device d JOIN device_slot s ON s.device_id = d.id JOIN release r ON r.id = s.serving_release_id WHERE d.online
     ) d JOIN stand ON (stand.place - 1) / ${versionIds.length} = d.place % ${MEASURED / versionIds.length} AND (stand.place - 1) % ${versionIds.length} = d.version - 1
       JOIN ${table} t ON t.device_id = stand.id ORDER BY t.bucket_at`,
    [versionIds],
  );
  await client.query(`DELETE FROM ${table} t USING stand WHERE t.device_id = stand.id`);
}
