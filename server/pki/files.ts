import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** One folder each, so that a certificate and its key appear together. */
const authorities = ['device-ca', 'inner-ca'] as const;
const leaves = ['broker', 'inner-server', 'server-client'] as const;
export type Authority = (typeof authorities)[number];
export type Leaf = (typeof leaves)[number];
export type PkiEntry = Authority | Leaf | 'signing' | 'secrets';

export function certificatePath(dir: string, entry: Authority | Leaf): string {
  return join(dir, entry, 'certificate.pem');
}

export function keyPath(dir: string, entry: PkiEntry): string {
  return join(dir, entry, 'key.pem');
}

/** @throws Error saying that the folder has not been set up, with the file system's reason as its cause. */
export async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(
      `Cannot read ${path}. The keys are made at the first start; does FLOTILLA_PKI_DIR name that folder?`,
      {
        cause,
      },
    );
  }
}

/** Makes a folder that only its owner may enter, and closes one that is open. */
export async function ownerOnlyFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
}

/**
 * Publishes all files of an entry at once: they are written beside it and the folder is renamed into place. When another process was
 * first, its files stay and these are thrown away.
 */
export async function publishEntry(dir: string, entry: PkiEntry, files: Record<string, string>): Promise<void> {
  const temporary = join(dir, `.${entry}-${randomBytes(6).toString('hex')}`);
  await mkdir(temporary, { mode: 0o700 });
  try {
    for (const [name, content] of Object.entries(files)) await writeDurably(join(temporary, name), content);
    await rename(temporary, join(dir, entry));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!isTaken(error)) throw error;
  }
}

/** Replaces one file in one step: a reader sees the old or the new one, whole. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await writeDurably(temporary, content);
  await rename(temporary, path);
}

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isTaken(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOTEMPTY' || code === 'EEXIST';
}
