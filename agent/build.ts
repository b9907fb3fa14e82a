import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AgentPackages } from '@flotilla/protocol';
import { bundle } from './bundle.ts';
import { nodeFor } from './node-binary.ts';
import { type Platform, pack, packageDirOf, platforms, programs, publish } from './package.ts';
import { componentIn } from './sbom.ts';

const agentDir = import.meta.dirname;
const distDir = join(agentDir, 'dist');
const packageDir = join(distDir, 'package');
const hashFile = join(distDir, 'inputs.sha256');

/** Digits of the inputs' digest that are part of the agent's version. */
const BUILD_DIGITS = 12;

/**
 * Bundles the agent and the runner to `agent/dist` and packs an archive a platform for `install.sh` and for upgrades, listed in
 * `manifest.json`. Does nothing when neither sources nor libraries have changed.
 */
export async function buildAgent(): Promise<void> {
  const hash = await hashInputs();
  if ((await readFile(hashFile, 'utf8').catch(() => '')) === hash) return;
  const workDir = join(distDir, `work-${process.pid}`);
  try {
    await mkdir(packageDir, { recursive: true });
    const nodes = new Map<Platform, string | null>();
    for (const platform of platforms) nodes.set(platform, await nodeFor(platform, workDir, say));
    const withoutNode = platforms.filter((platform) => nodes.get(platform) === null);
    const buildId = createHash('sha256').update(`${hash} ${withoutNode}`).digest('hex').slice(0, BUILD_DIGITS);
    const bundled = await Promise.all((await bundle(workDir, buildId)).map(componentIn));
    const packages: AgentPackages = {};
    for (const platform of platforms) {
      const node = nodes.get(platform) ?? null;
      packages[platform] = await pack({ platform, workDir, bundled, node });
      await publish(platform, workDir, packageDir, packages[platform]);
    }
    const { version } = await componentIn(agentDir);
    const manifest = { version: `${version}+${buildId}`, packages };
    await writeFile(join(packageDir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    for (const name of programs) await rename(join(workDir, name), join(distDir, name));
    await writeFile(hashFile, hash);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

const say = (sentence: string) => void process.stderr.write(`agent: ${sentence}\n`);

/** Everything the result depends on, but whether Node could be fetched: our files by content, libraries by their versions. */
async function hashInputs(): Promise<string> {
  const hash = createHash('sha256');
  const folders = ['src', 'protocol/src', 'systemd'];
  const sources = await filesUnder(...folders.map((folder) => join(agentDir, folder)));
  const own = ['build.ts', 'bundle.ts', 'package.ts', 'sbom.ts', 'node-binary.ts', 'launcher.sh', 'package.json'];
  for (const path of [...sources, ...own.map((name) => join(agentDir, name))]) {
    hash.update(path.slice(agentDir.length)).update(await readFile(path));
  }
  for (const name of ['node', 'mqtt', 'zod', 'jose', 'onnxruntime-node', 'esbuild']) {
    hash.update(await readFile(join(packageDirOf(name), 'package.json')));
  }
  return hash.digest('hex');
}

async function filesUnder(...folders: string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder, { recursive: true });
      const paths = names
        .filter((name) => !/\.test\.ts$|(^|\/)(testing|fixtures)\//.test(name))
        .map((name) => join(folder, name));
      const isFile = await Promise.all(paths.map(async (path) => (await stat(path)).isFile()));
      return paths.filter((_, at) => isFile[at]);
    }),
  );
  return found.flat().sort();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildAgent();
