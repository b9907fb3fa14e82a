import { dirname } from 'node:path';
import type { FileSystem } from './file-system.ts';

/**
 * Replaces a file as a whole: after a crash or power loss at any point its content is the old one or the new one, and once
 * this has resolved, the new one.
 */
export async function writeAtomically(fs: FileSystem, path: string, data: Uint8Array | string, mode = 0o600) {
  const fresh = `${path}.new`;
  const file = await fs.create(fresh, mode);
  try {
    await file.write(typeof data === 'string' ? Buffer.from(data) : data);
    await file.sync();
  } finally {
    await file.close();
  }
  await fs.rename(fresh, path);
  await fs.syncDir(dirname(path));
}
