import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { extract } from 'tar';
import { buildAgent } from '../build.ts';

const run = promisify(execFile);
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
  for (const library of await librariesOf(await binariesUnder(home))) {
    await mkdir(dirname(join(dir, library)), { recursive: true });
    await cp(library, join(dir, library), { dereference: true });
  }
}

async function binariesUnder(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true });
  return names.filter((name) => /(^bin\/node|\.node|\.so(\.\d+)*)$/.test(name)).map((name) => join(dir, name));
}

/** Absolute paths that the dynamic loader resolves, and the loader itself; what lies in the image already is not among them. */
async function librariesOf(binaries: string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const binary of binaries) {
    const { stdout } = await run('ldd', [binary]);
    for (const [, path = ''] of stdout.matchAll(/(?:=>\s+|^\s*)(\/\S+)\s+\(0x/gm)) {
      if (!path.startsWith(dirname(binary))) found.add(path);
    }
  }
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [dir] = process.argv.slice(2);
  if (!dir) throw new Error('usage: node agent/runner/rootfs.ts DIR');
  await gatherRootfs(dir);
}
