import {
  Command,
  type commandOps,
  MAX_MESSAGE_BYTES,
  type Reason,
  type Reply,
  type TrustedKey,
} from '@flotilla/protocol';
import { verifySigned } from '../desired/verify-signed.ts';
import { messageOf } from '../logger.ts';
import { ReasonError, reasonErrorOf } from '../reason-error.ts';
import type { CommandLog } from './command-log.ts';

export type CommandOp = (typeof commandOps)[number];
export type CommandPorts = {
  deviceId: string;
  trustedKeys: () => TrustedKey[];
  log: CommandLog;
  operations: Record<CommandOp, (args: Record<string, unknown>) => Promise<unknown>>;
  reply: (reply: Reply) => void;
  now: () => number;
};

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
  const op = knownOp(ports, command.op);
  const refusal =
    command.expiresAt <= ports.now() ? never('command.expired', '') : never('command.unknown_op', command.op);
  if (!op || command.expiresAt <= ports.now()) {
    ports.reply({ id, status: 'refused', reason: refusal });
    return null;
  }
  const earlier = await ports.log.take(id);
  if (earlier) {
    ports.reply(earlier);
    return null;
  }
  ports.reply({ id, status: 'accepted' });
  const reply = await carryOut(ports, id, op, command.args);
  // It was carried out, whether or not a full disk can remember how it ended.
  await ports.log.finish(reply).catch(() => {});
  ports.reply(reply);
  return reply.status === 'done' ? op : null;
}

async function carryOut(ports: CommandPorts, id: string, op: CommandOp, args: Record<string, unknown>): Promise<Reply> {
  try {
    return { id, status: 'done', result: (await ports.operations[op](args)) ?? null };
  } catch (error) {
    return { id, status: 'failed', reason: never(reasonErrorOf(error).code, messageOf(error)) };
  }
}

function knownOp(ports: CommandPorts, op: string): CommandOp | undefined {
  return (Object.keys(ports.operations) as CommandOp[]).find((each) => each === op);
}

function never(code: string, detail: string): Reason {
  return { code, detail: detail.slice(0, 1000), retry: 'never' };
}
