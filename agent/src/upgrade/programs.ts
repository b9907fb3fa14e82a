import { join } from 'node:path';
import type { FileSystem } from '../state/file-system.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { INSTALLED, LAUNCH_FILE, type Program, readLaunchNote } from './launch-note.ts';
import type { UpgradeTarget } from './state.ts';
import { unpackAgent } from './unpack.ts';

export type ProgramPorts = { fs: FileSystem; dir: string; store: Pick<ArtifactStore, 'pathOf'> };

/** The folder of an unpacked package. It has its name only when it is whole. */
export function folderOf(dir: string, program: Program): string {
  return join(dir, program);
}

export async function isUnpacked({ fs, dir }: ProgramPorts, program: Program): Promise<boolean> {
  return (await fs.list(dir)).includes(program);
}

/** Lays the package out in a folder of its own, durable as a whole. */
export async function unpackProgram(
  ports: ProgramPorts,
  { sha256, sizeBytes, unpackedBytes }: NonNullable<UpgradeTarget['package']>,
  signal: AbortSignal,
): Promise<void> {
  const { fs, dir, store } = ports;
  if (await isUnpacked(ports, sha256)) return;
  const fresh = `${folderOf(dir, sha256)}.new`;
  await fs.removeTree(fresh);
  await unpackAgent(fs, store.pathOf({ sha256, sizeBytes }), fresh, unpackedBytes, signal);
  await fs.rename(fresh, folderOf(dir, sha256));
  await fs.syncDir(dir);
}

/** Removes every program but those that the launcher may start, and those that are named. */
export async function prunePrograms({ fs, dir }: ProgramPorts, kept: readonly (Program | undefined)[]): Promise<void> {
  const { confirmed, trial } = await readLaunchNote(fs, dir);
  const names = new Set<string | undefined>([LAUNCH_FILE, INSTALLED, confirmed, trial?.program, ...kept]);
  for (const name of await fs.list(dir)) if (!names.has(name)) await fs.removeTree(join(dir, name));
}
