import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isRoot, locatePostgres, type PostgresPaths } from './postgres-binaries.ts';

const run = promisify(execFile);

export type PostgresOptions = { dataDir: string; port: number; password: string; flags?: string[] };

export type PostgresServer = {
  /** Connection string of a database on this server. */
  url: (database: string) => string;
  dataDir: string;
  exited: Promise<number | null>;
  stop: () => Promise<void>;
};

const READY = 'database system is ready to accept connections';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/** The name that the server's superuser has; its password is generated. */
const SUPERUSER = 'flotilla';

/**
 * Starts PostgreSQL on 127.0.0.1, making the cluster first where there is none. A server that an earlier, killed run left
 * behind on the same data is shut down first.
 * @throws Error with the server's own last words when it does not come up.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const paths = await locatePostgres(options.dataDir);
  const ids = isRoot() ? await postgresUser() : {};
  if (!existsSync(join(paths.dataDir, 'PG_VERSION'))) await initialise(paths, options.password, ids);
  await endLeftover(paths.dataDir);
  const child = spawn(
    paths.postgres,
    [
      '-D',
      paths.dataDir,
      '-p',
      String(options.port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      ...(options.flags ?? []),
    ],
    { ...ids, detached: true, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' },
  );
  const exited = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  await untilReady(child, exited);
  return {
    url: (database) => `postgresql://${SUPERUSER}:${options.password}@127.0.0.1:${options.port}/${database}`,
    dataDir: paths.dataDir,
    exited,
    stop: () => stop(child, exited),
  };
}

async function initialise(paths: PostgresPaths, password: string, ids: { uid?: number; gid?: number }): Promise<void> {
  await mkdir(dirname(paths.dataDir), { recursive: true });
  await mkdir(paths.dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = join(tmpdir(), `flotilla-${randomBytes(8).toString('hex')}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (ids.uid !== undefined && ids.gid !== undefined) {
    await chown(paths.dataDir, ids.uid, ids.gid);
    await chown(passwordFile, ids.uid, ids.gid);
  }
  try {
    const args = [
      `--pgdata=${paths.dataDir}`,
      '--auth=scram-sha-256',
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
    ];
    await run(paths.initdb, args, { ...ids, cwd: '/' });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** PostgreSQL refuses to run as root: it gets the system user `postgres`, made when it is missing. */
async function postgresUser(): Promise<{ uid: number; gid: number }> {
  await run('id', ['-u', 'postgres']).catch(() =>
    run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']),
  );
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  );
  if (!uid || !gid)
    throw new Error('Could not make a system user "postgres". Run as an ordinary user instead of root.');
  return { uid, gid };
}

async function endLeftover(dataDir: string): Promise<void> {
  const pidFile = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(pidFile.split('\n')[0]);
  if (!pid || !isPostgres(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''), dataDir)) return;
  process.kill(pid, 'SIGINT');
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; Date.now() < deadline && isAlive(pid); ) await delay(50);
  if (isAlive(pid)) process.kill(pid, 'SIGQUIT');
}

function isPostgres(commandLine: string, dataDir: string): boolean {
  return commandLine.includes('postgres') && commandLine.includes(dataDir);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilReady(child: ChildProcess, exited: Promise<number | null>): Promise<void> {
  let words = '';
  const ready = new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-4_000);
      if (words.includes(READY)) resolve();
    });
  });
  const timeout = new AbortController();
  const failed = async (why: string) => {
    throw new Error(`PostgreSQL ${why}:\n${words.trim()}`);
  };
  try {
    await Promise.race([
      ready,
      exited.then((code) => failed(`ended with code ${code} instead of starting`)),
      delay(START_TIMEOUT_MS, undefined, { signal: timeout.signal }).then(() => failed('did not start in time')),
    ]);
  } finally {
    timeout.abort();
  }
}

/** SIGINT is PostgreSQL's fast shutdown: ends sessions, writes a checkpoint. */
async function stop(child: ChildProcess, exited: Promise<number | null>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
