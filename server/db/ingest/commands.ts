import type { Reply } from '@flotilla/protocol';
import type pg from 'pg';
import type { CommandState } from '../../domain/command/states.ts';

export type OpenCommand = { id: string; deviceId: string; state: CommandState };

/** Commands that the devices of a batch speak of, locked in order of id. Those of another device are absent. */
export async function lockCommands(
  client: pg.PoolClient,
  asked: readonly { id: string; deviceId: string }[],
): Promise<OpenCommand[]> {
  const { rows } = await client.query<{ id: string; device_id: string; state: CommandState }>(
    `SELECT c.id, c.device_id, c.state FROM device_command c
     JOIN unnest($1::uuid[], $2::uuid[]) AS g (id, device_id) ON c.id = g.id AND c.device_id = g.device_id
     ORDER BY c.id FOR NO KEY UPDATE OF c`,
    [asked.map(({ id }) => id), asked.map(({ deviceId }) => deviceId)],
  );
  return rows.map((row) => ({ id: row.id, deviceId: row.device_id, state: row.state }));
}

export type CommandMove = { id: string; state: CommandState; isFinished: boolean; at: Date; reply: Reply };

export async function saveCommandMoves(client: pg.PoolClient, moves: readonly CommandMove[]): Promise<void> {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  await client.query(
    `UPDATE device_command c SET state = g.state, heard_at = g.at, accepted_at = coalesce(c.accepted_at, g.at), sent_at = coalesce(c.sent_at, g.at),
       progress = coalesce(g.percent, c.progress), note = coalesce(g.note, c.note), result = coalesce(g.result::jsonb, c.result),
       reason = coalesce(g.reason::jsonb, c.reason), finished_at = CASE WHEN g.finished THEN g.at ELSE c.finished_at END
     FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::float8[], $5::text[], $6::text[], $7::text[], $8::bool[])
       AS g (id, state, at, percent, note, result, reason, finished) WHERE c.id = g.id`,
    [
      moves.map(({ id }) => id),
      moves.map(({ state }) => state),
      moves.map(({ at }) => at),
      moves.map(({ reply }) => reply.progress?.percent ?? null),
      moves.map(({ reply }) => reply.progress?.note ?? null),
      moves.map(({ reply }) => json(reply.result)),
      moves.map(({ reply }) => json(reply.reason)),
      moves.map(({ isFinished }) => isFinished),
    ],
  );
}
