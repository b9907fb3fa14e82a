import type { LogBatch, Reply } from '@flotilla/protocol';
import type pg from 'pg';
import { type CommandMove, lockCommands, saveCommandMoves } from '../db/ingest/commands.ts';
import type { IngestDevice } from '../db/ingest/devices.ts';
import { insertLogLines } from '../db/ingest/logs.ts';
import { isCommandFinished, stateAfter } from '../domain/command/states.ts';
import { correctedTime } from '../domain/telemetry/clock.ts';

export type CommandReply = { device: IngestDevice; body: Reply; receivedAt: Date };
export type LogMessage = { device: IngestDevice; body: LogBatch; receivedAt: Date };

/** Longest result that is kept of a command: a benchmark's table is far below. */
const MAX_RESULT_LENGTH = 8_000;

/** Moves commands on their devices' word. A word about another device's command changes nothing. */
export async function ingestReplies(client: pg.PoolClient, replies: readonly CommandReply[]): Promise<void> {
  if (replies.length === 0) return;
  const open = await lockCommands(
    client,
    replies.map(({ device, body }) => ({ id: body.id, deviceId: device.id })),
  );
  const moves = open.flatMap(({ id, deviceId, state }) => {
    const words = replies.filter((each) => each.body.id === id && each.device.id === deviceId);
    const move = moveOf(id, state, words);
    return move ? [move] : [];
  });
  if (moves.length > 0) await saveCommandMoves(client, moves);
}

function moveOf(id: string, before: CommandMove['state'], words: readonly CommandReply[]): CommandMove | null {
  let move: CommandMove | null = null;
  for (const { body, receivedAt: at } of words) {
    const state = stateAfter(move?.state ?? before, body);
    if (state) move = { id, state, isFinished: isCommandFinished(state), at, reply: bounded(body) };
  }
  return move;
}

function bounded(reply: Reply): Reply {
  if ((JSON.stringify(reply.result)?.length ?? 0) <= MAX_RESULT_LENGTH) return reply;
  return { ...reply, result: { cut: 'the device answered more than is kept' } };
}

/** Keeps the lines of devices' logs, and says where a device held lines back. */
export async function ingestLogs(client: pg.PoolClient, messages: readonly LogMessage[]): Promise<void> {
  const rows = messages.flatMap(({ device, body, receivedAt }) => {
    const row = { organizationId: device.organizationId, deviceId: device.id, receivedAt };
    const lines = body.lines.map(({ at, level, message }) => ({
      ...row,
      at: timeOf(at, receivedAt),
      level,
      message: printable(message),
    }));
    const { suppressed = 0 } = body;
    if (suppressed === 0) return lines;
    return [...lines, { ...row, at: receivedAt, level: 'warn', message: `${suppressed} lines were held back` }];
  });
  if (rows.length > 0) await insertLogLines(client, rows);
}

function timeOf(atMs: number, receivedAt: Date): Date {
  return correctedTime(atMs, 0, receivedAt);
}

/** PostgreSQL takes no NUL in a text. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}
