import type { KnownReasonCode } from '@flotilla/protocol';
import { messageOf } from '../logger.ts';
import { AGENT_VERSION } from '../version.ts';
import { containerOrder } from './container-order.ts';
import type { RunnerAnswer, RunnerRequest } from './contract.ts';
import { RunnerProgram } from './program.ts';
import { RequestError, RunnerError } from './runner-error.ts';

/**
 * The runner's process: a child of the agent, in which a model may crash without taking anything else down. It ends when
 * the agent does, however the agent ended. Started by nobody who talks to it, it is the program of our image, and takes its orders
 * from its environment.
 */
const program = new RunnerProgram(AGENT_VERSION);
process.on('message', (request: RunnerRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
if (!process.send) {
  // The first process of a container gets no signal that it has no handler for.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
  process.stderr.write(`runner ${AGENT_VERSION}\n`);
  await program.answer({ op: 'load', order: await containerOrder(process.env) });
}

async function answer(request: RunnerRequest): Promise<RunnerAnswer> {
  try {
    return { id: request.id, isOk: true, result: await program.answer(request) };
  } catch (error) {
    return { id: request.id, isOk: false, code: codeOf(error), detail: messageOf(error).slice(0, 1000) };
  }
}

/** A request error here comes from golden inputs that the model does not take. */
function codeOf(error: unknown): KnownReasonCode {
  if (error instanceof RunnerError) return error.code;
  return error instanceof RequestError ? 'proof.golden' : 'runner.load';
}
