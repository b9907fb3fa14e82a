import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Accepted } from '../desired/desired-store.ts';
import { type Identity, identityFile } from '../identity/identity.ts';
import type { FileSystem } from '../state/file-system.ts';
import { JsonFile } from '../state/json-file.ts';
import type { Layout } from '../state/layout.ts';

export type OpenedIdentity = { identity: Identity; key: KeyObject; keyPem: string; accepted: Accepted };

export function acceptedFile(fs: FileSystem, layout: Layout): JsonFile<Accepted> {
  return new JsonFile(fs, layout.desired, Accepted);
}

/** What enrolment left in this folder; null when the device was never enrolled, or not to the end. */
export async function openIdentity(fs: FileSystem, layout: Layout): Promise<OpenedIdentity | null> {
  const identity = await identityFile(fs, layout).load();
  const accepted = await acceptedFile(fs, layout).load();
  const pem = await fs.read(layout.key);
  if (!identity || !accepted || !pem) return null;
  const keyPem = Buffer.from(pem).toString('utf8');
  return { identity, key: createPrivateKey(keyPem), keyPem, accepted };
}
