import type { DeviceFacts, Reported, Session } from '@flotilla/protocol';
import type pg from 'pg';

export type IngestDevice = {
  id: string;
  organizationId: string;
  session: number;
  reportedSession: number;
  reportedRev: number;
};

/** The devices of a batch, locked in order of id so that two workers never wait for each other in a circle. Decommissioned ones are absent. */
export async function lockDevices(client: pg.PoolClient, ids: readonly string[]): Promise<Map<string, IngestDevice>> {
  const { rows } = await client.query<{
    id: string;
    organization_id: string;
    session: string;
    reported_session: string;
    reported_rev: string;
  }>(
    `SELECT id, organization_id, session, reported_session, reported_rev FROM device
     WHERE id = ANY($1::uuid[]) AND decommissioned_at IS NULL ORDER BY id FOR NO KEY UPDATE`,
    [ids],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        organizationId: row.organization_id,
        session: Number(row.session),
        reportedSession: Number(row.reported_session),
        reportedRev: Number(row.reported_rev),
      },
    ]),
  );
}

/** Notes when each device was heard last, and what its clock said. */
export async function saveHeard(
  client: pg.PoolClient,
  heard: readonly { deviceId: string; at: Date; clockOffsetMs: number | null }[],
): Promise<void> {
  await client.query(
    `UPDATE device d SET last_heard_at = greatest(d.last_heard_at, g.at), clock_offset_ms = coalesce(g.clock_offset, d.clock_offset_ms)
     FROM unnest($1::uuid[], $2::timestamptz[], $3::float8[]) AS g (id, at, clock_offset) WHERE d.id = g.id`,
    [heard.map((each) => each.deviceId), heard.map((each) => each.at), heard.map((each) => each.clockOffsetMs)],
  );
}

/** Writes births and last wills. Each device at most once. */
export async function saveSessions(
  client: pg.PoolClient,
  sessions: readonly { deviceId: string; body: Session; at: Date }[],
): Promise<void> {
  await client.query(
    `UPDATE device d SET online = g.online, session = g.session,
       online_changed_at = CASE WHEN d.online IS DISTINCT FROM g.online OR d.online_changed_at IS NULL THEN g.at ELSE d.online_changed_at END
     FROM unnest($1::uuid[], $2::bool[], $3::bigint[], $4::timestamptz[]) AS g (id, online, session, at) WHERE d.id = g.id`,
    [
      sessions.map((each) => each.deviceId),
      sessions.map(({ body }) => body.online),
      sessions.map(({ body }) => body.session),
      sessions.map((each) => each.at),
    ],
  );
}

/** Writes the newest report of each device: what it accepted, and its facts when it sent them. */
export async function saveReported(
  client: pg.PoolClient,
  reports: readonly { deviceId: string; body: Reported }[],
): Promise<void> {
  const facts = (each: DeviceFacts | undefined) => (each ? JSON.stringify(each) : null);
  await client.query(
    `UPDATE device d SET reported_session = g.session, reported_rev = g.rev, reported_generation = g.generation, facts = coalesce(g.facts::jsonb, d.facts)
     FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[]) AS g (id, session, rev, generation, facts) WHERE d.id = g.id`,
    [
      reports.map((each) => each.deviceId),
      reports.map(({ body }) => body.session),
      reports.map(({ body }) => body.rev),
      reports.map(({ body }) => body.generation),
      reports.map(({ body }) => facts(body.facts)),
    ],
  );
}

/** Counts messages that were refused. */
export async function saveRefusals(
  client: pg.PoolClient | pg.Pool,
  refusals: readonly { deviceId: string; kind: string; code: string; detail: string }[],
  at: Date,
): Promise<void> {
  await client.query(
    `INSERT INTO refused_message AS r (organization_id, device_id, kind, code, count, last_detail, last_at)
     SELECT d.organization_id, d.id, g.kind, g.code, count(*), max(g.detail), $5
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS g (id, kind, code, detail) JOIN device d ON d.id = g.id
     GROUP BY d.organization_id, d.id, g.kind, g.code
     ON CONFLICT (device_id, kind, code) DO UPDATE SET count = r.count + excluded.count, last_detail = excluded.last_detail, last_at = excluded.last_at`,
    [
      refusals.map((each) => each.deviceId),
      refusals.map((each) => each.kind),
      refusals.map((each) => each.code),
      refusals.map((each) => each.detail),
      at,
    ],
  );
}
