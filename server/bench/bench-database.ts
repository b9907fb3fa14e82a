import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../prisma/migrate.ts';
import { startPostgres } from '../main/local/postgres-server.ts';
import type { Closers } from '../testing/agent-stand.ts';
import { freePort } from '../testing/ports.ts';

/** A PostgreSQL of the bench's own, with its durability on and every migration applied. */
export async function startBenchDatabase(closers: Closers): Promise<{ pid: number; dataDir: string; url: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  await chmod(dir, 0o711);
  closers.push(() => rm(dir, { recursive: true, force: true }));
  const server = await startPostgres({ dataDir: join(dir, 'data'), port: await freePort(), password: 'bench' });
  closers.push(async () => {
    await server.stop();
    await rm(server.dataDir, { recursive: true, force: true });
  });
  const admin = new pg.Client({ connectionString: server.url('postgres') });
  await admin.connect();
  await admin.query('CREATE DATABASE flotilla');
  await admin.end();
  const url = server.url('flotilla');
  await migrate(url);
  const [pid = ''] = (await readFile(join(server.dataDir, 'postmaster.pid'), 'utf8')).split('\n');
  return { pid: Number(pid), dataDir: server.dataDir, url };
}
