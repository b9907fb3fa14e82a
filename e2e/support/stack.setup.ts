import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOptions } from '../../server/main/local/options.ts';
import { locatePostgres } from '../../server/main/local/postgres-binaries.ts';
import { startStack } from '../../server/main/local/stack.ts';
import { freePort } from '../../server/testing/ports.ts';
import { endAgent } from './agent.ts';
import { shareStack } from './shared.ts';

/** Windows come often, so that nobody waits for evidence. */
const OVERRIDES = { FLOTILLA_TELEMETRY_WINDOW_S: '2' };

/** Brings up a whole, empty Flotilla for the run, and takes it down with all its data. */
export default async function setUp(): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-browser-'));
  const ports = ['--port', '--mqtt-port', '--mqtt-server-port', '--postgres-port'];
  const flags = (await Promise.all(ports.map(async (flag) => [flag, String(await freePort())]))).flat();
  const stack = await startStack(readOptions([...flags, '--state-dir', dir]), 'local', OVERRIDES, (line) =>
    console.log(`  ${line} …`),
  );
  shareStack({ url: stack.url, dir });
  return async () => {
    await endAgent(dir);
    await stack.stop();
    const { dataDir } = await locatePostgres(stack.state.postgresDir);
    await rm(dataDir, { recursive: true, force: true });
    await rm(dir, { recursive: true, force: true });
  };
}
