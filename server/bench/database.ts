import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../prisma/migrate.ts';
import { startPostgres } from '../main/local/postgres-server.ts';
import { postgresSettings } from '../main/local/postgres-settings.ts';
import { freePort } from '../testing/ports.ts';

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
export async function startBenchDatabase(dataDir: string, closers: (() => Promise<unknown>)[]): Promise<BenchDatabase> {
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
    const children = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).split(' ').filter(Boolean);
    for (const each of [parent, ...children.map(Number)]) process.kill(each, 'SIGKILL');
    await server.exited;
    server = await startPostgres(options);
  };
  return { client: await connect(), connect, url, dataDir: server.dataDir, pid, killAndStart };
}
