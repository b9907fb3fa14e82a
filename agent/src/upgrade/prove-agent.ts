import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../logger.ts';
import { ReasonError } from '../reason-error.ts';
import type { FileSystem } from '../state/file-system.ts';

/** A slow board reads ONNX Runtime's library from its card; a program that hangs is ended after this. */
const PROOF_TIMEOUT_MS = 60_000;

/** Characters of what a program said that are told. */
const MAX_LAST_WORDS = 500;

/**
 * Runs the new program beside this one: it must say the version that was wanted, and read this device's identity, journals and its own ONNX
 * Runtime, without touching anything. @throws ReasonError `upgrade.proof`
 */
export async function proveAgent(
  fs: FileSystem,
  { folder, version, dir }: { folder: string; version: string; dir: string },
  signal: AbortSignal,
): Promise<void> {
  const ownNode = join(folder, 'bin/node');
  const node = (await fs.sizeBytes(ownNode)) === null ? process.execPath : ownNode;
  const program = join(folder, 'agent.mjs');
  const said = (await run(node, [program, '--version'], signal)).trim();
  if (said !== version) throw new ReasonError('upgrade.proof', `it says that it is ${said.slice(0, 64)}`);
  await run(node, [program, 'check', '--dir', dir], signal);
}

async function run(node: string, args: string[], signal: AbortSignal): Promise<string> {
  const env = { ORT_DISABLE_TELEMETRY: '1' };
  const options = { env, signal, timeout: PROOF_TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 } as const;
  try {
    return (await promisify(execFile)(node, args, options)).stdout;
  } catch (error) {
    signal.throwIfAborted();
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new ReasonError('upgrade.proof', (words || messageOf(error)).slice(-MAX_LAST_WORDS), { cause: error });
  }
}
