import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../logger.ts';
import { ReasonError } from '../../reason-error.ts';
import type { FileSystem } from '../../state/file-system.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { Repository } from '../registry/registry.ts';
import { ACCEPTED_TYPES, MAX_MANIFEST_BYTES } from './manifest.ts';

/** Brings one manifest into the store, under the digest that it must have, and returns its bytes. */
export async function fetchManifest(
  { fs, store }: { fs: FileSystem; store: ArtifactStore },
  repository: Repository,
  sha256: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const held = await fs.read(store.pathOf({ sha256, sizeBytes: 0 }));
  if (held) return held;
  const bytes = await readAll(repository, sha256, signal);
  const blob = { sha256, sizeBytes: bytes.length };
  await store.inTurn(blob, async () => {
    const part = await fs.create(store.partOf(blob));
    try {
      await part.write(bytes);
      await part.sync();
    } finally {
      await part.close();
    }
  });
  await store.verify(blob);
  return bytes;
}

async function readAll(repository: Repository, sha256: string, signal: AbortSignal): Promise<Buffer> {
  try {
    const response = await repository.openManifest(sha256, ACCEPTED_TYPES, signal);
    if (response.statusCode !== 200) throw refusal(response, sha256);
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    for await (const chunk of response) {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_MANIFEST_BYTES) {
        response.destroy();
        throw new ReasonError('download.too_large', `a manifest of more than ${MAX_MANIFEST_BYTES} bytes`);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof ReasonError || signal.aborted) throw error;
    throw new ReasonError('download.network', messageOf(error), { cause: error });
  }
}

function refusal(response: IncomingMessage, sha256: string): ReasonError {
  response.destroy();
  const status = response.statusCode ?? 0;
  const detail = `the registry answered ${status} for the image ${sha256.slice(0, 12)}`;
  return new ReasonError(status >= 500 || status === 429 ? 'download.network' : 'download.not_found', detail);
}
