import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { extract } from 'tar';
import { buildAgent } from '../build.ts';
import { binariesUnder, copyLibraries } from '../libraries.ts';
import { archiveName, platforms } from '../package.ts';

const HOME = '/flotilla';
const packageDir = join(import.meta.dirname, '../dist/package');

/** What the launcher calls. */
const SHELL_PROGRAMS = ['sh', 'sleep', 'grep', 'sync', 'mv'];

/**
 * Gathers all that the agent's image holds into `context`: in `rootfs` the package and its launcher as `install.sh` lays them out, a shell with
 * what the launcher calls, and the shared libraries that those load on this machine; in `data` nothing, which is the agent's own. Nothing is
 * downloaded.
 */
export async function gatherAgentRootfs(context: string): Promise<void> {
  await buildAgent();
  const platform = platforms.find((each) => each === `${process.platform}-${process.arch}`);
  if (!platform) throw new Error(`there is no agent for ${process.platform}-${process.arch}`);
  const dir = join(context, 'rootfs');
  const home = join(dir, HOME);
  await mkdir(join(dir, 'bin'), { recursive: true });
  await mkdir(join(context, 'data'), { mode: 0o700 });
  await mkdir(home);
  await extract({ file: join(packageDir, archiveName(platform)), cwd: home });
  await rename(join(home, 'flotilla-agent'), join(home, 'agent'));
  const script = await readFile(join(home, 'agent/launcher.sh'), 'utf8');
  const launcher = script.replaceAll('@DIR@', HOME).replaceAll('@NODE@', `${HOME}/agent/bin/node`);
  await writeFile(join(home, 'flotilla-agent'), launcher);
  await chmod(join(home, 'flotilla-agent'), 0o755);
  const programs = await Promise.all(SHELL_PROGRAMS.map(findProgram));
  for (const [at, path] of programs.entries())
    await cp(path, join(dir, 'bin', SHELL_PROGRAMS[at] ?? ''), { dereference: true });
  await copyLibraries(dir, [...programs, ...(await binariesUnder(join(home, 'agent')))]);
}

async function findProgram(name: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', `command -v ${name}`]);
  return stdout.trim();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [context] = process.argv.slice(2);
  if (!context) throw new Error('usage: node agent/container/rootfs.ts CONTEXT');
  await gatherAgentRootfs(context);
}
