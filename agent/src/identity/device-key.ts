import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { dirname } from 'node:path';
import { writeAtomically } from '../state/atomic-file.ts';
import type { FileSystem } from '../state/file-system.ts';

/**
 * The device's P-256 key: made here on first use, in a file only its owner reads, and never sent anywhere. It is on disk
 * before anyone sees its public half, so that an enrolment cut in the middle goes on with the same key.
 */
export async function loadOrCreateKey(fs: FileSystem, path: string): Promise<KeyObject> {
  const pem = await fs.read(path);
  if (pem) return createPrivateKey(Buffer.from(pem));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await fs.makeDir(dirname(path));
  await writeAtomically(fs, path, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  return privateKey;
}
