import {
  Command,
  type CommandOp,
  commandArgs,
  type KnownReasonCode,
  MAX_MESSAGE_BYTES,
  type Reason,
  type Reply,
  type TrustedKey,
} from '@flotilla/protocol';
import type * as z from 'zod';
import { verifySigned } from '../desired/verify-signed.ts';
import { messageOf } from '../logger.ts';
import { ReasonError, reasonErrorOf } from '../reason-error.ts';
import type { CommandLog } from './command-log.ts';

/** What an operation is told: the command it answers, and how to say how far it is. */
export type OperationContext = { id: string; progress: (percent: number, note?: string) => void };

/** Carries out one operation and resolves with its result. */
export type Operations = {
  [Op in CommandOp]: (args: z.output<(typeof commandArgs)[Op]>, context: OperationContext) => Promise<unknown>;
};

export type CommandPorts = {
  deviceId: string;
  trustedKeys: () => TrustedKey[];
  log: CommandLog;
  operations: Operations;
  reply: (reply: Reply) => void;
  now: () => number;
};

/** An operation that throws one of these did nothing. */
const REFUSALS: readonly KnownReasonCode[] = ['command.not_allowed', 'command.nothing_served', 'command.busy'];

/** Said at most this often of one command. */
const PROGRESS_EVERY_MS = 1_000;

/**
 * Takes one command: checks who signed it, carries it out once, and answers. Resolves with the operation when it was carried
 * out now. Throws a {@link ReasonError} for one that is not known to be the server's: that is an event, not an answer.
 */
export async function handleCommand(ports: CommandPorts, topicId: string, jws: string): Promise<CommandOp | null> {
  if (jws.length > MAX_MESSAGE_BYTES)
    throw new ReasonError('command.malformed', `longer than ${MAX_MESSAGE_BYTES} bytes`);
  const command = await verifySigned('command', jws, Command, ports.trustedKeys(), ports.deviceId);
  const { id } = command;
  if (id !== topicId) throw new ReasonError('command.malformed', `command ${id} on the topic of ${topicId}`);
  const op = (Object.keys(ports.operations) as CommandOp[]).find((each) => each === command.op);
  const isLate = command.expiresAt <= ports.now();
  if (!op || isLate) {
    // One that was taken in time is answered as it ended, however late it is asked again.
    const known = op ? ports.log.find(id) : null;
    const reason = isLate ? never('command.expired', '') : never('command.unknown_op', command.op);
    ports.reply(known ?? { id, status: 'refused', reason });
    return null;
  }
  const args = commandArgs[op].safeParse(command.args);
  if (!args.success) {
    const detail = args.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    ports.reply({ id, status: 'refused', reason: never('command.bad_args', detail) });
    return null;
  }
  const earlier = await ports.log.take(id);
  if (earlier) {
    ports.reply(earlier);
    return null;
  }
  ports.reply({ id, status: 'accepted' });
  const reply = await carryOut(ports, id, op, args.data);
  // It was carried out, whether or not a full disk can remember how it ended.
  await ports.log.finish(reply).catch(() => {});
  ports.reply(reply);
  return reply.status === 'done' ? op : null;
}

async function carryOut({ operations, reply }: CommandPorts, id: string, op: CommandOp, args: unknown): Promise<Reply> {
  let saidMs = Number.NEGATIVE_INFINITY;
  const progress = (percent: number, note?: string) => {
    if (performance.now() - saidMs < PROGRESS_EVERY_MS) return;
    saidMs = performance.now();
    reply({ id, status: 'running', progress: { percent, ...(note !== undefined && { note }) } });
  };
  try {
    const operation = operations[op] as (args: unknown, context: OperationContext) => Promise<unknown>;
    return { id, status: 'done', result: (await operation(args, { id, progress })) ?? null };
  } catch (error) {
    const { code } = reasonErrorOf(error);
    return { id, status: REFUSALS.includes(code) ? 'refused' : 'failed', reason: never(code, messageOf(error)) };
  }
}

function never(code: string, detail: string): Reason {
  return { code, detail: detail.slice(0, 1000), retry: 'never' };
}
