import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../../prisma/migrate.ts';
import { build } from '../build.ts';
import type { LocalOptions } from './options.ts';
import { requireFreePort, untilListening } from './ports.ts';
import { locatePostgres } from './postgres-binaries.ts';
import { type Instance, type LocalState, openState } from './state.ts';
import { Supervisor } from './supervisor.ts';

export type Stack = {
  url: string;
  databaseUrl: string;
  state: LocalState;
  supervisor: Supervisor;
  environment: NodeJS.ProcessEnv;
  stop: () => Promise<void>;
};

const root = resolve(import.meta.dirname, '../../..');
const START_TIMEOUT_MS = 60_000;

/** Young garbage is collected early, and when the code asks for it, so that a gigabyte streaming through does not pile up in memory. */
export const WEB_FLAGS = ['--max-semi-space-size=4', '--expose-gc'];

/**
 * A batch of messages lives until it is committed: with room for it, it is not copied into the old generation, which costs a fifth more. Threads
 * that collect young garbage beside the program take processor time from database and broker, and more than one alone would need.
 */
export const WORKER_FLAGS = ['--max-semi-space-size=64', '--no-parallel-scavenge'];

/** Brings up database, broker, worker and web on 127.0.0.1, in this order, all supervised. */
export async function startStack(
  options: LocalOptions,
  instance: Instance,
  overrides: Record<string, string>,
  say: (line: string) => void,
): Promise<Stack> {
  await requireFreePort(options.port, '--port');
  await requireFreePort(options.mqttPort, '--mqtt-port');
  await requireFreePort(options.mqttServerPort, '--mqtt-server-port');
  if (options.reset) await resetState(options.stateDir, instance);
  const state = await openState(options.stateDir, instance);
  const supervisor = new Supervisor();
  const url = `http://127.0.0.1:${options.port}`;
  const databaseUrl = `postgresql://flotilla:${state.secrets.postgresPassword}@127.0.0.1:${options.postgresPort}/flotilla`;
  const environment = { ...process.env, ...environmentOf(options, state, url, databaseUrl), ...overrides };
  const start = (name: string, args: string[]) =>
    supervisor.start({ name, args, env: environment, logFile: join(state.logDir, `${name}.log`) });
  try {
    await build(['generate', 'agent', 'web'], say);
    say('starting the database');
    start('postgres', [join(root, 'server/main/postgres.ts')]);
    await untilDatabase(databaseUrl);
    await migrate(databaseUrl);
    say('starting broker, worker and web');
    start('broker', [join(root, 'server/main/broker.ts')]);
    await untilListening(options.mqttServerPort, START_TIMEOUT_MS);
    start('worker', [...WORKER_FLAGS, join(root, 'server/main/worker.ts')]);
    start('web', [...WEB_FLAGS, join(root, 'server/main/web.ts')]);
    await untilHealthy(url);
  } catch (error) {
    await supervisor.stop();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\nThe logs are in ${state.logDir}.`, {
      cause: error,
    });
  }
  return { url, databaseUrl, state, supervisor, environment, stop: () => supervisor.stop() };
}

function environmentOf(options: LocalOptions, state: LocalState, url: string, databaseUrl: string): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    ORT_DISABLE_TELEMETRY: '1',
    DATABASE_URL: databaseUrl,
    FLOTILLA_POSTGRES_DIR: state.postgresDir,
    FLOTILLA_POSTGRES_PORT: String(options.postgresPort),
    FLOTILLA_POSTGRES_PASSWORD: state.secrets.postgresPassword,
    FLOTILLA_PKI_DIR: state.pkiDir,
    FLOTILLA_ARTIFACTS_DIR: state.artifactsDir,
    FLOTILLA_AGENT_DIR: join(root, 'agent'),
    FLOTILLA_URL: url,
    FLOTILLA_MQTT_URL: `mqtts://127.0.0.1:${options.mqttPort}`,
    FLOTILLA_MQTT_SERVER_URL: `mqtts://127.0.0.1:${options.mqttServerPort}`,
    FLOTILLA_SESSION_SECRET: state.secrets.sessionSecret,
    NEXTAUTH_URL: url,
    NEXTAUTH_SECRET: state.secrets.sessionSecret,
    FLOTILLA_LOG_LEVEL: options.logLevel,
    // One person's own machine: receivers of alerts stand on it, too.
    FLOTILLA_ALERTS_TO_PRIVATE_ADDRESSES: 'true',
  };
}

async function untilDatabase(databaseUrl: string): Promise<void> {
  const admin = new URL(databaseUrl);
  admin.pathname = '/postgres';
  for (const deadline = Date.now() + START_TIMEOUT_MS; ; await delay(100)) {
    const client = new pg.Client({ connectionString: admin.toString() });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = 'flotilla'");
      if (rowCount === 0) await client.query('CREATE DATABASE flotilla');
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new Error('The database did not start.', { cause });
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function untilHealthy(url: string): Promise<void> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await delay(100)) {
    const response = await fetch(`${url}/api/health`).catch(() => null);
    if (response?.ok) return;
  }
  throw new Error('The web server did not start.');
}

async function resetState(stateDir: string, instance: Instance): Promise<void> {
  const { dataDir } = await locatePostgres(resolve(stateDir, instance, 'postgres'));
  await rm(dataDir, { recursive: true, force: true });
  await rm(resolve(stateDir, instance), { recursive: true, force: true });
}
