import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../prisma/migrate.ts';
import { startPostgres } from '../main/local/postgres-server.ts';
import { postgresSettings } from '../main/local/postgres-settings.ts';
import { until } from '../main/local/until.ts';
import type { Closers } from '../testing/cleaning-up.ts';
import { freePort } from '../testing/ports.ts';

const KILL_TIMEOUT_MS = 10_000;

export type BenchDatabase = {
  /** Until `kill`; then `connect` gives another. */
  client: pg.Client;
  connect: () => Promise<pg.Client>;
  url: string;
  dataDir: string;
  pid: () => Promise<number>;
  /** SIGKILL to all of its processes, as a lack of power does it, and a start on the same data. */
  killAndStart: () => Promise<void>;
};

/** A PostgreSQL of a bench's own with the product's schema, its durability on; `closers` take it away again. */
export async function startBenchDatabase(dataDir: string, closers: Closers): Promise<BenchDatabase> {
  const options = { dataDir, port: await freePort(), password: 'bench', flags: postgresSettings() };
  let server = await startPostgres(options);
  closers.push(async () => {
    await server.stop();
    await rm(server.dataDir, { recursive: true, force: true });
  });
  const url = server.url('flotilla');
  const admin = new pg.Client({ connectionString: server.url('postgres') });
  await admin.connect();
  await admin.query('CREATE DATABASE flotilla');
  await admin.end();
  await migrate(url);
  const connect = async () => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    closers.push(() => client.end());
    return client;
  };
  const pid = async () => {
    const [first = ''] = (await readFile(join(server.dataDir, 'postmaster.pid'), 'utf8')).split('\n');
    return Number(first);
  };
  const killAndStart = async () => {
    const parent = await pid();
    process.kill(parent, 'SIGSTOP'); // So that it makes no more children.
    const list = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
    const children = list.split(' ').filter(Boolean).map(Number);
    for (const each of [parent, ...children]) process.kill(each, 'SIGKILL');
    await server.exited;
    await until('the killed processes to end', KILL_TIMEOUT_MS, async () =>
      (await Promise.all(children.map(isGone))).every(Boolean),
    );
    server = await startPostgres(options);
  };
  return { client: await connect(), connect, url, dataDir: server.dataDir, pid, killAndStart };
}

/** A process that ended and was not asked how holds nothing any more. */
async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat === null || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}
