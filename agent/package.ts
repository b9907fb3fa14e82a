import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type { AgentPackage } from '@flotilla/protocol';
import { create } from 'tar';
import { type Component, componentIn, cycloneDx } from './sbom.ts';

const agentDir = import.meta.dirname;

export const programs = ['agent.mjs', 'runner.mjs'];

/** Platforms whose ONNX Runtime library npm carries. Names as in `process.platform` and `process.arch`. */
export const platforms = ['linux-x64', 'linux-arm64'] as const;
export type Platform = (typeof platforms)[number];

/** Inputs with other times make the same archive. */
const EPOCH = new Date(0);

export type PackInput = {
  platform: Platform;
  /** Where both programs lie, and where a folder is made to pack. */
  workDir: string;
  bundled: Component[];
  /** The folder of a package with Node for this platform; null: the device must have one. */
  node: string | null;
};

/**
 * Packs `workDir/flotilla-agent-<platform>.tar.gz`: `flotilla-agent/` with both programs, their launcher, Node, ONNX Runtime, and the list of
 * all that. Equal inputs give equal bytes.
 */
export async function pack({ platform, workDir, bundled, node }: PackInput): Promise<AgentPackage> {
  const root = join(workDir, platform);
  const top = join(root, 'flotilla-agent');
  await mkdir(join(top, 'node_modules'), { recursive: true });
  for (const name of programs) await cp(join(workDir, name), join(top, name));
  await cp(join(agentDir, 'launcher.sh'), join(top, 'launcher.sh'));
  await cp(join(agentDir, 'systemd/flotilla-agent.service'), join(top, 'flotilla-agent.service'));
  await copyRuntime(platform, join(top, 'node_modules'));
  const carried = ['onnxruntime-node', 'onnxruntime-common'].map(packageDirOf);
  if (node !== null) {
    carried.push(node);
    await mkdir(join(top, 'bin'));
    await cp(join(node, 'bin/node'), join(top, 'bin/node'), { dereference: true });
  }
  const components = [...bundled, ...(await Promise.all(carried.map(componentIn)))];
  await writeFile(join(top, 'sbom.cdx.json'), cycloneDx(await componentIn(agentDir), components));
  return await archive(root, join(workDir, archiveName(platform)));
}

export function archiveName(platform: Platform): string {
  return `flotilla-agent-${platform}.tar.gz`;
}

/** Moves a packed archive to where it is served from, with its digest beside it. */
export async function publish(
  platform: Platform,
  workDir: string,
  dir: string,
  { sha256 }: AgentPackage,
): Promise<void> {
  const name = archiveName(platform);
  await rename(join(workDir, name), join(dir, name));
  await writeFile(join(dir, `${name}.sha256`), `${sha256}  ${name}\n`);
}

/** Packs every file below `root` into `file`, the same for the same files. */
export async function archive(root: string, file: string): Promise<AgentPackage> {
  const names = (await readdir(root, { recursive: true })).sort();
  const stats = await Promise.all(names.map((name) => stat(join(root, name))));
  const files = names.filter((_, at) => stats[at]?.isFile());
  const unpackedBytes = stats.reduce((sum, each) => sum + (each.isFile() ? each.size : 0), 0);
  await create(
    { file, cwd: root, gzip: { level: 1, portable: true }, portable: true, noPax: true, mtime: EPOCH },
    files,
  );
  const bytes = await readFile(file);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length, unpackedBytes };
}

/** ONNX Runtime's JavaScript and the one library that this platform needs of the many in its package. */
async function copyRuntime(platform: Platform, modules: string): Promise<void> {
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

export function packageDirOf(name: string): string {
  const manifest = findPackageJSON(name, import.meta.url);
  if (!manifest) throw new Error(`the package ${name} is not installed`);
  return dirname(manifest);
}
