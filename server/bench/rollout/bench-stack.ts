import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { demoOwner } from '../../main/demo/owner.ts';
import { readOptions } from '../../main/local/options.ts';
import { RestClient } from '../../main/local/rest-client.ts';
import { type Simulator, startSimulator } from '../../main/local/simulator.ts';
import { type Stack, startStack } from '../../main/local/stack.ts';
import { until } from '../../main/local/until.ts';

/** Ports that nothing else of Flotilla has by default. */
const DEFAULT_PORT = '4680';
const RESTART_TIMEOUT_MS = 60_000;

export type BenchStack = {
  stack: Stack;
  rest: RestClient;
  database: pg.Pool;
  simulator: Simulator;
  enrolled: { devices: number; perS: number };
  connectedPerS: number;
  stop: () => Promise<void>;
};

type BenchOptions = { devices: number; windowS: number; stateDir: string; simulator: readonly string[] };

/** All parts on this machine, and a fleet that is connected. The state is kept, because enrolling thousands takes minutes. */
export async function startBenchStack(
  { devices, windowS, stateDir, simulator: flags }: BenchOptions,
  say: (line: string) => void,
): Promise<BenchStack> {
  const options = readOptions(['--port', DEFAULT_PORT, '--state-dir', stateDir]);
  const stack = await startStack(options, 'bench', { FLOTILLA_TELEMETRY_WINDOW_S: String(windowS) }, say);
  const stoppers: (() => Promise<void>)[] = [() => stack.stop()];
  const stop = async () => {
    for (const each of stoppers.reverse()) await each();
  };
  try {
    const { apiKey } = await demoOwner(stack);
    const rest = new RestClient(stack.url, apiKey);
    await countStatements(stack);
    const database = new pg.Pool({ connectionString: stack.databaseUrl, max: 2 });
    database.on('error', () => undefined);
    stoppers.push(() => database.end());
    const token = { name: 'Bench', maxUses: 100_000, expiresInS: 86_400 };
    const { secret } = await until('the web server', RESTART_TIMEOUT_MS, () =>
      rest.call<{ secret: string }>('POST', '/enrollment-tokens', token).catch(() => null),
    );
    say(`connecting ${devices} devices`);
    const simulator = startSimulator({
      url: stack.url,
      token: secret,
      dir: join(stack.state.dir, 'simulator'),
      flags: ['--devices', String(devices), '--wait', ...flags],
      logFile: join(stack.state.logDir, 'simulator.log'),
    });
    stoppers.push(() => simulator.stop());
    const { enrolled, enrollS, connected, connectS } = await simulator.ready;
    if (connected < devices) throw new Error(`Only ${connected} of ${devices} devices connected.`);
    const perS = enrolled > 0 ? enrolled / enrollS : 0;
    return {
      stack,
      rest,
      database,
      simulator,
      enrolled: { devices: enrolled, perS },
      connectedPerS: connected / connectS,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Has the database count its statements, which takes a restart the first time. */
async function countStatements(stack: Stack): Promise<void> {
  const query = async (sql: string) => {
    const client = new pg.Client({ connectionString: stack.databaseUrl });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Record<string, string>>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const [loaded] = await query('SHOW shared_preload_libraries');
  if (!loaded?.shared_preload_libraries?.includes('pg_stat_statements')) {
    await query("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'");
    const pid = stack.supervisor.pidOf('postgres');
    if (pid !== undefined) process.kill(pid, 'SIGTERM');
    await until('the database to start again', RESTART_TIMEOUT_MS, async () => {
      stack.supervisor.revive('postgres');
      return (
        stack.supervisor.pidOf('postgres') !== pid &&
        query('SELECT 1').then(
          () => true,
          () => false,
        )
      );
    });
    await delay(1_000);
  }
  await query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
}
