import { execFile } from 'node:child_process';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Copies the shared libraries that these programs load on this machine, and the loader itself, to the same paths below `root`. */
export async function copyLibraries(root: string, binaries: readonly string[]): Promise<void> {
  for (const library of await librariesOf(binaries)) {
    await mkdir(dirname(join(root, library)), { recursive: true });
    await cp(library, join(root, library), { dereference: true });
  }
}

/** The programs and libraries below a folder into which a package was unpacked. */
export async function binariesUnder(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true });
  return names.filter((name) => /(^bin\/node|\.node|\.so(\.\d+)*)$/.test(name)).map((name) => join(dir, name));
}

/** Absolute paths that the dynamic loader resolves; what lies beside its program is not among them. */
async function librariesOf(binaries: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const binary of binaries) {
    const { stdout } = await run('ldd', [binary]);
    for (const [, path = ''] of stdout.matchAll(/(?:=>\s+|^\s*)(\/\S+)\s+\(0x/gm)) {
      if (!path.startsWith(dirname(binary))) found.add(path);
    }
  }
  return found;
}
