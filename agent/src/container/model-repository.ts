import { basename, dirname, extname, join, relative } from 'node:path';
import type { Release, ReleaseFile } from '@flotilla/protocol';
import { ReasonError } from '../reason-error.ts';
import type { FileSystem } from '../state/file-system.ts';

/** Hidden, so that no file of a release can have this name. */
const REPOSITORY = '.repository';

/** Everybody may read: the container's user is another than the agent's. Folders above it stay closed. */
const FILE_MODE = 0o444;
const FOLDER_MODE = 0o755;

export type RepositoryPorts = { fs: FileSystem; chmod: (path: string, mode: number) => Promise<void> };

const MODEL_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * Lays a staged release out as Triton, OpenVINO Model Server and our runner want it: `<name>/1/model.onnx` with its external data
 * beside it, `<name>/config.pbtxt` when the release has one, and `<name>/labels.json`. By hard link; safe to run again. Returns
 * the folder to mount.
 */
export async function layOutRepository(
  { fs, chmod }: RepositoryPorts,
  release: Release,
  stagedDir: string,
): Promise<string> {
  const { name } = release.model;
  if (!MODEL_NAME.test(name)) throw new ReasonError('verify.path', `"${name}" cannot be the name of a folder`);
  const root = join(stagedDir, REPOSITORY);
  const modelPath = release.files.find(({ role }) => role === 'model')?.path ?? '';
  const folders = new Set([root]);
  for (const file of release.files) {
    const place = placeOf(file, modelPath);
    if (place === null) continue;
    const to = join(root, name, place);
    await fs.makeDir(dirname(to));
    for (let each = dirname(to); each.length > root.length; each = dirname(each)) folders.add(each);
    await fs.link(join(stagedDir, file.path), to);
    await chmod(to, FILE_MODE);
  }
  for (const folder of folders) await chmod(folder, FOLDER_MODE);
  for (const folder of folders) await fs.syncDir(folder);
  return root;
}

/** Golden inputs and reference data are the agent's own. */
function placeOf({ path, role }: ReleaseFile, modelPath: string): string | null {
  if (role === 'model') return join('1', extname(path) === '.onnx' ? 'model.onnx' : basename(path));
  if (role === 'labels') return 'labels.json';
  if (role !== 'external-data') return null;
  if (basename(path) === 'config.pbtxt') return 'config.pbtxt';
  const beside = relative(dirname(modelPath), path);
  if (beside.startsWith('..')) throw new ReasonError('verify.path', `"${path}" must lie beside or below the model`);
  return join('1', beside);
}
