import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOptions } from '../main/local/options.ts';
import { locatePostgres } from '../main/local/postgres-binaries.ts';
import { type Stack, startStack } from '../main/local/stack.ts';
import { freePort } from './ports.ts';

/** A whole, empty Flotilla on free ports in a folder of its own; `remove` takes it down with all its data. */
export async function startTestStack(
  overrides: Record<string, string> = {},
): Promise<Stack & { dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-stack-'));
  const ports = ['--port', '--mqtt-port', '--mqtt-server-port', '--postgres-port'];
  const flags = (await Promise.all(ports.map(async (flag) => [flag, String(await freePort())]))).flat();
  const stack = await startStack(readOptions([...flags, '--state-dir', dir]), 'local', overrides, (line) =>
    console.log(`  ${line} …`),
  );
  const remove = async () => {
    await stack.stop();
    const { dataDir } = await locatePostgres(stack.state.postgresDir);
    await rm(dataDir, { recursive: true, force: true });
    await rm(dir, { recursive: true, force: true });
  };
  return { ...stack, dir, remove };
}
