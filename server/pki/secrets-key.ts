import { createSecretBox, type SecretBox } from '../platform/secret-box.ts';
import { keyPath, readPem } from './files.ts';

/** The box for secrets in the database. Its key lies in the folder of keys, never in the database. @throws Error when the folder has not been set up. */
export async function loadSecretBox(dir: string): Promise<SecretBox> {
  return createSecretBox(Buffer.from((await readPem(keyPath(dir, 'secrets'))).trim(), 'base64'));
}
