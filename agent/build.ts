import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { create } from 'tar';
import { bundle } from './bundle.ts';
import { type Component, componentIn, cycloneDx } from './sbom.ts';

const agentDir = import.meta.dirname;
const distDir = join(agentDir, 'dist');
const packageDir = join(distDir, 'package');
const hashFile = join(distDir, 'inputs.sha256');

const programs = ['agent.mjs', 'runner.mjs'];

/** Platforms whose ONNX Runtime library npm carries. Names as in `process.platform` and `process.arch`. */
const platforms = ['linux-x64', 'linux-arm64'] as const;

/**
 * Bundles the agent and the runner to `agent/dist` and packs an archive a platform for `install.sh`. Does nothing when
 * neither sources nor libraries have changed.
 */
export async function buildAgent(): Promise<void> {
  const hash = await hashInputs();
  if ((await readFile(hashFile, 'utf8').catch(() => '')) === hash) return;
  const workDir = join(distDir, `work-${process.pid}`);
  try {
    await mkdir(packageDir, { recursive: true });
    const bundled = await Promise.all((await bundle(workDir)).map(componentIn));
    for (const platform of platforms) await pack(platform, workDir, bundled);
    for (const name of programs) await rename(join(workDir, name), join(distDir, name));
    await writeFile(hashFile, hash);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** One archive: `flotilla-agent/` with both programs, Node where npm brought it for this platform, ONNX Runtime, and the list of all that. */
async function pack(platform: (typeof platforms)[number], workDir: string, bundled: Component[]): Promise<void> {
  const root = join(workDir, platform);
  const top = join(root, 'flotilla-agent');
  await mkdir(join(top, 'node_modules'), { recursive: true });
  for (const name of programs) await cp(join(workDir, name), join(top, name));
  await cp(join(agentDir, 'systemd/flotilla-agent.service'), join(top, 'flotilla-agent.service'));
  await copyRuntime(platform, join(top, 'node_modules'));
  const carried = ['onnxruntime-node', 'onnxruntime-common'];
  if (platform === `${process.platform}-${process.arch}`) {
    carried.push('node');
    await mkdir(join(top, 'bin'));
    await cp(join(packageDirOf('node'), 'bin/node'), join(top, 'bin/node'), { dereference: true });
  }
  const components = [...bundled, ...(await Promise.all(carried.map((name) => componentIn(packageDirOf(name)))))];
  await writeFile(join(top, 'sbom.cdx.json'), cycloneDx(await componentIn(agentDir), components));
  const name = `flotilla-agent-${platform}.tar.gz`;
  await create({ file: join(workDir, name), cwd: root, gzip: { level: 1 }, portable: true }, ['flotilla-agent']);
  const digest = createHash('sha256')
    .update(await readFile(join(workDir, name)))
    .digest('hex');
  await rename(join(workDir, name), join(packageDir, name));
  await writeFile(join(packageDir, `${name}.sha256`), `${digest}  ${name}\n`);
}

/** ONNX Runtime's JavaScript and the one library that this platform needs of the many in its package. */
async function copyRuntime(platform: string, modules: string): Promise<void> {
  const runtime = packageDirOf('onnxruntime-node');
  const library = join('bin/napi-v6', platform.replace('-', '/'));
  for (const part of ['package.json', 'dist', library]) {
    await cp(join(runtime, part), join(modules, 'onnxruntime-node', part), { recursive: true, filter: isNeeded });
  }
  const common = packageDirOf('onnxruntime-common');
  for (const part of ['package.json', 'dist/cjs']) {
    await cp(join(common, part), join(modules, 'onnxruntime-common', part), { recursive: true, filter: isNeeded });
  }
}

function isNeeded(path: string): boolean {
  return !/\.(map|d\.ts)$/.test(path);
}

function packageDirOf(name: string): string {
  const manifest = findPackageJSON(name, import.meta.url);
  if (!manifest) throw new Error(`the package ${name} is not installed`);
  return dirname(manifest);
}

/** Everything the result depends on: our files by content, libraries by their versions. */
async function hashInputs(): Promise<string> {
  const hash = createHash('sha256');
  const folders = ['src', 'protocol/src', 'systemd'];
  const sources = await filesUnder(...folders.map((folder) => join(agentDir, folder)));
  for (const path of [
    ...sources,
    import.meta.filename,
    join(agentDir, 'bundle.ts'),
    join(agentDir, 'sbom.ts'),
    join(agentDir, 'package.json'),
  ]) {
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
