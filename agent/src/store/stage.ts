import { dirname, join } from 'node:path';
import { type Release, ReleasePath } from '@flotilla/protocol';
import { ReasonError } from '../reason-error.ts';
import type { FileSystem } from '../state/file-system.ts';
import type { ArtifactStore } from './artifact-store.ts';

/**
 * Lays a release's files out under the paths it names, so that a model finds its external data beside it. Safe to run
 * again; the slot's journal says when it is complete.
 */
export async function stage(fs: FileSystem, store: ArtifactStore, release: Release, dir: string): Promise<void> {
  for (const { path } of release.files) {
    if (!ReleasePath.safeParse(path).success) throw new ReasonError('verify.path', path);
  }
  await fs.makeDir(dir);
  const folders = new Set([dir]);
  for (const file of release.files) {
    const to = join(dir, file.path);
    await fs.makeDir(dirname(to));
    folders.add(dirname(to));
    await fs.link(store.pathOf(file), to);
  }
  for (const folder of folders) await fs.syncDir(folder);
}

/** Staged folders of a slot that none of these releases needs are removed. */
export async function pruneStaged(fs: FileSystem, slotDir: string, keptReleases: Set<string>): Promise<void> {
  for (const name of await fs.list(slotDir)) if (!keptReleases.has(name)) await fs.removeTree(join(slotDir, name));
}
