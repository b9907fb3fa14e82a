import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { extract } from 'tar';
import { buildAgent } from '../build.ts';
import { binariesUnder, copyLibraries } from '../libraries.ts';

const packageDir = join(import.meta.dirname, '../dist/package');

/**
 * Gathers all that the runner's image holds into `dir`: Node, the runner, ONNX Runtime, and the shared libraries that those load on this
 * machine. Nothing is downloaded, so it works on a closed network; the same folder is the whole image on an open one.
 */
export async function gatherRootfs(dir: string): Promise<void> {
  await buildAgent();
  const home = join(dir, 'flotilla');
  await mkdir(join(dir, 'tmp'), { recursive: true });
  await mkdir(join(dir, 'models'));
  const file = join(packageDir, `flotilla-agent-${process.platform}-${process.arch}.tar.gz`);
  const wanted = /^flotilla-agent\/(bin|node_modules|runner\.mjs)/;
  await extract({ file, cwd: dir, filter: (path) => wanted.test(path) });
  await rename(join(dir, 'flotilla-agent'), home);
  await copyLibraries(dir, await binariesUnder(home));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [dir] = process.argv.slice(2);
  if (!dir) throw new Error('usage: node agent/runner/rootfs.ts DIR');
  await gatherRootfs(dir);
}
